import type { Cluster, Node } from '../../cluster/cluster.js';
import { ConflictError, NotReadyError } from '../../errors/errors.js';
import { killAll } from '../../process/find.js';
import { withLastRoles } from '../../state/roles.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Recovery } from '../../topologies/recovery.js';
import type { Setting } from '../../topologies/topology.js';
import { applyPlan } from '../apply.js';
import { nodesIn } from '../choose.js';
import { requirePrograms, requireRoot, type Context } from '../context.js';
import { explainByLog } from '../explain.js';
import { form } from '../form.js';
import { selectNode } from '../select.js';
import { settingOf } from '../setting.js';
import { standGround } from '../stand.js';
import { serversOf, settled, underClusterLock, wish, type VerbView } from './verb.js';

export interface StartOptions {
  /** Milliseconds for all that servers do. */
  readonly timeout: number;
  /** Name of the node whose data count. */
  readonly bootstrap?: string | undefined;
}

/**
 * Starts nodes of a cluster after whatever happened to it: a stop, a kill, a reboot, a namespace or bridge that somebody
 * deleted. Looks first, and does only what is missing; returns when the nodes are ready.
 * @param names of nodes; all when there are none
 * @throws UsageError, NotFoundError; ConflictError when a node is paused, when the network is another's by now, or when
 *   nobody can tell whose data count; NotReadyError with the server's own words; InterruptedError.
 */
export async function startNodes(
  name: string,
  names: readonly string[],
  options: StartOptions,
  context: Context,
): Promise<VerbView> {
  const { machine } = context;
  const words = ['start', name, ...names].join(' ');
  requireRoot(machine, words);
  requirePrograms(machine);
  return underClusterLock(machine, name, `dbns ${words}`, async (saved) => {
    const chosen = nodesIn(saved, { names, role: undefined, group: undefined });
    assertNonePaused(saved, serversOf(machine, chosen));
    const cluster = await standGround(await wish(machine, saved, chosen, 'running'), context);
    return bringUp(cluster, new Set(chosen.map((node) => node.name)), options, context);
  });
}

async function bringUp(
  cluster: Cluster,
  chosen: ReadonlySet<string>,
  { timeout, bootstrap }: StartOptions,
  context: Context,
): Promise<VerbView> {
  const { machine } = context;
  const setting = await settingOf(machine, withLastRoles(machine, cluster));
  const servers = serversOf(machine, cluster.nodes);
  const runs = ({ name }: Node) => servers.get(name)?.state === 'running';
  const starting = setting.cluster.nodes.filter((node) => chosen.has(node.name) && !runs(node));
  const deadline = Date.now() + timeout;
  const recovery = await topologyNamed(cluster.topology).life.recover(
    {
      ...{ setting, starting, running: setting.cluster.nodes.filter(runs) },
      resting: setting.cluster.nodes.filter(({ name }) => !chosen.has(name) && servers.get(name)?.pid === null),
      bootstrap: bootstrap === undefined ? null : selectNode(cluster, bootstrap),
    },
    { signal: context.signal, deadline },
  );
  const notes: string[] = [];
  const told = (sentence: string) => {
    notes.push(sentence);
    context.observer.told?.(sentence);
  };
  recovery.notes.forEach(told);
  await carryOut(setting, starting, recovery, { ...context, observer: { ...context.observer, told }, deadline });
  const nodes = cluster.nodes
    .filter(({ name }) => chosen.has(name))
    .map((node) => ({
      node: node.name,
      outcome: starting.some(({ name }) => name === node.name) ? 'started' : 'was running',
    }));
  return { cluster: await settled(machine, cluster), nodes, notes };
}

/** Servers that were started in vain, because nobody can tell whose data count, are ended again; others go on. */
async function carryOut(
  { cluster }: Setting,
  starting: readonly Node[],
  recovery: Recovery,
  application: Context & { readonly deadline: number },
): Promise<void> {
  const { machine, observer } = application;
  try {
    const ends = await form(starting, recovery.ways, { sequence: [] }, application);
    await applyPlan(recovery.finish, application, ends);
  } catch (error) {
    observer.phaseFailed?.();
    if (error instanceof ConflictError)
      await killAll(
        machine,
        starting.map(({ namespace }) => namespace),
      );
    if (!(error instanceof NotReadyError)) throw error;
    const { name } = cluster;
    const again = [`dbns status ${name}`, `dbns logs ${name}`, `dbns start ${name}`];
    throw explainByLog(error, { machine, cluster, suspects: starting, kept: [], again });
  }
}

function assertNonePaused({ name: cluster }: Cluster, servers: ReturnType<typeof serversOf>): void {
  const paused = [...servers].flatMap(([name, { state }]) => (state === 'paused' ? [name] : []));
  if (paused.length === 0) return;
  throw new ConflictError(`${paused.join(', ')} of '${cluster}' ${paused.length === 1 ? 'is' : 'are'} paused.`, {
    suggestions: [`dbns resume ${cluster} ${paused.join(' ')}`],
  });
}
