import * as z from 'zod';
import type { ProcessIdentity } from '../host/processes.js';
import type { Machine } from '../host/machine.js';
import { clusterDirectory } from './clusters.js';

const IDENTITIES = z.record(z.string(), z.object({ pid: z.number(), startTime: z.number(), bootId: z.string() }));

/** The servers' processes as they were when the cluster stood, by node: what `list` can tell without root. */
export function loadProcesses(machine: Machine, cluster: string): Readonly<Record<string, ProcessIdentity>> {
  const text = machine.files.read(fileOf(machine, cluster));
  return text === null ? {} : (IDENTITIES.safeParse(JSON.parse(text)).data ?? {});
}

export async function saveProcesses(
  machine: Machine,
  cluster: string,
  identities: Readonly<Record<string, ProcessIdentity>>,
): Promise<void> {
  await machine.files.replace(fileOf(machine, cluster), `${JSON.stringify(identities)}\n`);
}

function fileOf(machine: Machine, cluster: string): string {
  return `${clusterDirectory(machine, cluster)}/processes.json`;
}
