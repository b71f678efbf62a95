import * as v from 'valibot';
import { byName } from '../cluster/schemas.js';
import type { ProcessIdentity } from '../host/processes.js';
import type { Machine } from '../host/machine.js';
import { clusterDirectory } from './places.js';
import { readRecord, writeRecord, type Format } from './record.js';

type Identities = Readonly<Record<string, ProcessIdentity>>;

/** What tells a process from a later one of its number. */
export const PROCESS = v.object({ pid: v.number(), startTime: v.number(), bootId: v.string() });

const PROCESSES: Format<{ readonly nodes: Identities }> = {
  version: 1,
  schema: v.object({
    nodes: byName(PROCESS),
  }),
  upgrades: { 0: (nodes) => ({ nodes }) },
};

/**
 * The servers' processes as they were when the cluster stood, by node: what `list` can tell without root. A hint: one
 * that is damaged says nothing.
 */
export function loadProcesses(machine: Machine, cluster: string): Identities {
  const found = readRecord(machine, fileOf(machine, cluster), PROCESSES);
  return found.kind === 'whole' ? found.content.nodes : {};
}

/** Whether that hint is there to be had. */
export function hasProcesses(machine: Machine, cluster: string): boolean {
  return readRecord(machine, fileOf(machine, cluster), PROCESSES).kind === 'whole';
}

export async function saveProcesses(machine: Machine, cluster: string, nodes: Identities): Promise<void> {
  await writeRecord(machine, fileOf(machine, cluster), PROCESSES, { nodes });
}

function fileOf(machine: Machine, cluster: string): string {
  return `${clusterDirectory(machine, cluster)}/processes.json`;
}
