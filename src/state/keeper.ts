import * as v from 'valibot';
import { byName } from '../cluster/schemas.js';
import type { Machine } from '../host/machine.js';
import { clusterDirectory } from './places.js';
import { PROCESS } from './processes.js';
import { readRecord, writeRecord, type Format } from './record.js';

/** What a cluster's keeper says of itself; it alone writes it. */
export interface KeeperRecord {
  readonly process: v.InferOutput<typeof PROCESS>;
  /** The version of dbns that it is of. */
  readonly dbns: string;
  /** What it does, by what each is known: `127.0.0.1:3306`, `proxy1`. Null while all is well, else why it can't. */
  readonly duties: Readonly<Record<string, string | null>>;
}

const KEEPER: Format<KeeperRecord> = {
  version: 1,
  schema: v.object({
    process: PROCESS,
    dbns: v.string(),
    duties: byName(v.nullable(v.string())),
  }),
};

/** Where the keeper of a cluster has its files; the kernel's lock on this directory is held by the one that lives. */
export function keeperDirectory(machine: Machine, cluster: string): string {
  return `${clusterDirectory(machine, cluster)}/keeper`;
}

/** Null when there is none that can be read. */
export function loadKeeper(machine: Machine, cluster: string): KeeperRecord | null {
  const found = readRecord(machine, fileOf(machine, cluster), KEEPER);
  return found.kind === 'whole' ? found.content : null;
}

export async function saveKeeper(machine: Machine, cluster: string, keeper: KeeperRecord): Promise<void> {
  await writeRecord(machine, fileOf(machine, cluster), KEEPER, keeper);
}

function fileOf(machine: Machine, cluster: string): string {
  return `${keeperDirectory(machine, cluster)}/keeper.json`;
}
