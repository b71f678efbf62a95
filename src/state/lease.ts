import * as v from 'valibot';
import type { Lease } from '../cluster/lease.js';
import type { Machine } from '../host/machine.js';
import { MOMENT } from './moment.js';
import { clusterDirectory } from './places.js';
import { PROCESS } from './processes.js';
import { readRecord, writeRecord, type Format } from './record.js';

const LEASE: Format<Lease> = {
  version: 1,
  schema: v.object({
    processes: v.array(PROCESS),
    until: v.nullable(MOMENT),
  }),
};

/** Null where the cluster stays until somebody destroys it; so it does when what was said can't be read any more. */
export function loadLease(machine: Machine, cluster: string): Lease | null {
  const found = readRecord(machine, fileIn(clusterDirectory(machine, cluster)), LEASE);
  return found.kind === 'whole' ? found.content : null;
}

/** @param directory the cluster's, or that of its draft */
export async function saveLease(machine: Machine, directory: string, lease: Lease): Promise<void> {
  await writeRecord(machine, fileIn(directory), LEASE, lease);
}

export async function forgetLease(machine: Machine, cluster: string): Promise<void> {
  await machine.files.remove(fileIn(clusterDirectory(machine, cluster)));
}

function fileIn(directory: string): string {
  return `${directory}/lease.json`;
}
