import { UsageError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { loadCluster } from '../../state/clusters.js';
import { withLastRoles } from '../../state/roles.js';
import { topologyNamed } from '../../topologies/registry.js';
import { nodesIn, programsIn } from '../choose.js';
import { takenUpBy, underClusterLock } from '../cluster-lock.js';
import { recorded, type Verb } from '../record.js';
import { viewCluster } from '../status.js';
import { requirePrograms, requireRoot, type Context } from '../context.js';
import { switchOver } from './hand-over.js';
import { startIn, startNodes } from './start.js';
import { stopIn, stopNodes } from './stop.js';
import { serversOf, touchedIn, type VerbView } from './verb.js';

export interface RestartOptions {
  /** Milliseconds that a node may take to stop, and all may take to start. */
  readonly timeout: number;
  /** One at a time, the next when the one before is ready. */
  readonly rolling: boolean;
}

/**
 * Stops nodes and starts them again: all at once, or one at a time and the primary last, after a switchover where there is
 * somebody to take over.
 * @param names of nodes; all when there are none
 * @throws what `startNodes`, `stopNodes` and `promoteNode` throw.
 */
export async function restartNodes(
  name: string,
  names: readonly string[],
  options: RestartOptions,
  context: Context,
): Promise<VerbView> {
  const words = ['dbns restart', name, ...names, ...(options.rolling ? ['--rolling'] : [])].join(' ');
  const { timeout, rolling } = options;
  return takenUpBy(words, () => (rolling ? oneByOne : atOnce)(name, names, timeout, context));
}

const verbOn = (names: readonly string[]): Verb<VerbView> => ({ verb: 'restart', nodes: names, touched: touchedIn });

async function atOnce(name: string, names: readonly string[], timeout: number, context: Context): Promise<VerbView> {
  const { machine } = context;
  requireRoot(machine, ['restart', name, ...names].join(' '));
  requirePrograms(machine);
  // Nobody comes in between.
  return underClusterLock(machine, name, verbOn(names), async (saved) => {
    const [command] = programsIn(saved, { names }).attached;
    if (command !== undefined) {
      throw new UsageError(`${command.name} was started by 'attach': it alone starts it again.`);
    }
    await stopIn(saved, names, { timeout }, context);
    const started = await startIn(await loadCluster(machine, name), names, { timeout }, context);
    return { ...started, nodes: started.nodes.map(({ node }) => ({ node, outcome: 'restarted' })) };
  });
}

async function oneByOne(name: string, names: readonly string[], timeout: number, context: Context): Promise<VerbView> {
  const due = await inOrder(context.machine, name, names);
  return recorded(context.machine, name, verbOn(due), () => inTurn(name, due, timeout, context));
}

async function inTurn(name: string, due: readonly string[], timeout: number, context: Context): Promise<VerbView> {
  const notes: string[] = [];
  for (const node of due) {
    const successor = await switchOver(name, node, timeout, context);
    if (successor !== null) notes.push(`${successor} took over from ${node}.`);
    await stopNodes(name, [node], { timeout }, context);
    notes.push(...(await startNodes(name, [node], { timeout }, context)).notes);
  }
  const cluster = await viewCluster(context.machine, await loadCluster(context.machine, name), timeout);
  return { cluster, nodes: due.map((node) => ({ node, outcome: 'restarted' })), notes };
}

/** As they stop; but who does not run comes first, or two would be away at once. */
async function inOrder(machine: Machine, name: string, names: readonly string[]): Promise<readonly string[]> {
  const cluster = withLastRoles(machine, await loadCluster(machine, name));
  const servers = serversOf(machine, nodesIn(cluster, { names }));
  const order = topologyNamed(cluster.topology).life.stopOrder(cluster).flat();
  const away = (node: string) => servers.get(node)?.pid === null;
  const chosen = order.flatMap((node) => (servers.has(node.name) ? [node.name] : []));
  return [...chosen.filter(away), ...chosen.filter((node) => !away(node))];
}
