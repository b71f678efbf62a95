import { hostsOf, wantedNodes, type Cluster } from '../../cluster/cluster.js';
import { idsOf, type Fault, type Harm } from '../../cluster/fault.js';
import type { Machine } from '../../host/machine.js';
import { wake } from '../../process/end.js';
import { loadCluster } from '../../state/clusters.js';
import { loadRules } from '../../state/rules.js';
import type { Context } from '../context.js';
import { startNodes } from '../running/start.js';
import { serversOf } from '../running/verb.js';
import { forget } from './forget.js';

/** The hosts whose programs go on, and those whose programs were started again. */
export interface Undone {
  readonly resumed: readonly string[];
  readonly started: readonly string[];
}

/** What faults did is undone, but what other faults hold. */
export async function undo(
  { name }: Cluster,
  due: readonly Fault[],
  timeout: number,
  context: Context,
): Promise<Undone> {
  const { machine } = context;
  const killed = due.filter(({ kind }) => kind === 'kill') as readonly Harm[];
  const paused = due.filter(({ kind }) => kind === 'pause') as readonly Harm[];
  const resumed = hostsFreed(machine, name, paused);
  await forget(machine, name, idsOf(due.filter((fault) => !killed.includes(fault as Harm))));
  const cluster = await loadCluster(machine, name);
  for (const { namespace } of hostsOf(cluster).filter((host) => resumed.includes(host.name))) wake(machine, namespace);
  const dead = hostsFreed(machine, name, killed).filter((host) => isDead(machine, cluster, host));
  if (dead.length > 0) await startNodes(name, dead, { timeout }, context);
  await forget(machine, name, idsOf(killed));
  return { started: dead, resumed };
}

/** Whom no other fault of the kind holds. */
function hostsFreed(machine: Machine, name: string, ending: readonly Harm[]): readonly string[] {
  const ends = new Set(idsOf(ending));
  const held = loadRules(machine, name).faults.flatMap((fault) =>
    'hosts' in fault && fault.kind === ending[0]?.kind && !ends.has(fault.id) ? fault.hosts : [],
  );
  return [...new Set(ending.flatMap(({ hosts }) => hosts))].filter((host) => !held.includes(host));
}

/** Wanted and without a server: one that was to be stopped meanwhile stays so. */
function isDead(machine: Machine, cluster: Cluster, name: string): boolean {
  const programs = [...wantedNodes(cluster), ...cluster.companions.filter(({ wanted }) => wanted === 'running')];
  const program = programs.find((one) => one.name === name);
  return program !== undefined && (serversOf(machine, [program]).get(name)?.pid ?? null) === null;
}
