import { settledPart, type Cluster, type Companion, type Node } from '../../cluster/cluster.js';
import { ConflictError, DbnsError, InterruptedError, NotReadyError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { killAll } from '../../process/find.js';
import { loadCluster } from '../../state/clusters.js';
import { withLastRoles } from '../../state/roles.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Recovery, RecoveryRequest } from '../../topologies/recovery.js';
import { applyPlan } from '../apply.js';
import { programsIn } from '../choose.js';
import { bringUpCompanion } from '../keeping/companion.js';
import { underClusterLock } from '../cluster-lock.js';
import { requirePrograms, requireRoot, type Context, type Limited } from '../context.js';
import { describeSteps, type DryRun } from '../dry-run.js';
import { explainByLog } from '../explain.js';
import { form } from '../form.js';
import { halfDone } from '../half-done.js';
import { selectNode } from '../select.js';
import { settingOf } from '../setting.js';
import { faultSentences } from '../ground/name-faults.js';
import { planGround, standGround } from '../ground/stand.js';
import { ANSWER_TIMEOUT, settled, viewCluster } from '../status.js';
import { promoteIn } from './promote.js';
import { endServers } from './stop.js';
import { notingDown, orWishBack, serversOf, touchedIn, wish, type VerbView } from './verb.js';

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
  return underClusterLock(
    machine,
    name,
    { verb: 'start', nodes: names, touched: touchedIn, again: `dbns ${words}` },
    (saved) => startIn(saved, names, options, context),
  );
}

/** The same, for who has the cluster's lock. */
export async function startIn(
  saved: Cluster,
  names: readonly string[],
  options: StartOptions,
  context: Context,
): Promise<VerbView> {
  const { machine } = context;
  const { companions, attached } = programsIn(saved, { names });
  const chosen = settledIn(saved, names);
  const servers = serversOf(machine, [...chosen, ...companions]);
  assertNonePaused(saved, servers);
  for (const sentence of await faultSentences(machine, saved.name)) context.observer.told?.(sentence);
  // A stop was interrupted: they may be about to end, and were told things that last as long as they do.
  const ending = chosen.filter((node) => isUnwanted(node) && servers.get(node.name)?.state === 'running');
  if (ending.length > 0) await endServers(saved, ending, options, context);
  const wished = await wish(machine, saved, [...chosen, ...companions], 'running');
  const deadline = Date.now() + options.timeout;
  const { cluster, ...started } = await orWishBack(machine, saved, async () => {
    const standing = await standGround(await endTurn(wished, true, options, context), context);
    if (chosen.length === 0) return { cluster: standing, nodes: [], notes: [] };
    const meant = new Set(chosen.map((node) => node.name));
    const brought = await bringUp(standing, meant, options, context);
    return { ...brought, cluster: await endTurn(standing, false, options, context) };
  });
  const outcomes = await bringUpFronts(cluster, companions, { ...context, deadline });
  const there = attached.map(({ name: node }) => ({ node, outcome: 'was running' }));
  const nodes = [...started.nodes, ...outcomes, ...there];
  return { ...started, nodes, cluster: await settled(machine, cluster) };
}

/**
 * Plans a start as `startNodes` would, from the machine as it is; touches nothing.
 * @throws as `startNodes` does before it touches anything.
 */
export async function planStart(
  machine: Machine,
  name: string,
  names: readonly string[],
  bootstrap: string | undefined,
): Promise<DryRun> {
  requireRoot(machine, ['start', name, ...names, '--dry-run'].join(' '));
  const saved = await loadCluster(machine, name);
  const chosen = settledIn(saved, names);
  assertNonePaused(saved, serversOf(machine, chosen));
  const { now, plan } = await planGround(machine, saved);
  const request = await requestOf(machine, now, new Set(chosen.map((node) => node.name)), bootstrap, true);
  const limits = { signal: new AbortController().signal, deadline: Infinity };
  const { notes, ways, finish } = await topologyNamed(now.topology).life.recover(request, limits);
  const first = ways.slice(0, 1).map((way) => way.plan);
  return {
    cluster: await viewCluster(machine, saved, ANSWER_TIMEOUT),
    notes,
    steps: describeSteps({ sequence: [plan, ...first, finish] }),
  };
}

/**
 * A change of primary that was cut short comes to its end: by force before the former primary is back, the others when all
 * run. One that can't is told, and keeps nobody from starting.
 */
async function endTurn(
  cluster: Cluster,
  force: boolean,
  { timeout }: StartOptions,
  context: Context,
): Promise<Cluster> {
  const { name, turn, nodes } = cluster;
  const runs = serversOf(context.machine, nodes).get(turn?.to ?? '')?.state === 'running';
  if (turn === null || !runs || (force && !turn.force)) return cluster;
  try {
    return (await promoteIn(cluster, { ...turn, force }, timeout, context)).cluster;
  } catch (error) {
    if (!(error instanceof DbnsError) || error instanceof InterruptedError) throw error;
    context.observer.warned?.(`${turn.to} was about to become the primary of '${name}', and can't: ${error.message}`);
    return loadCluster(context.machine, name);
  }
}

/** The nodes that are meant; those of an `add`, `remove` or `rebuild` that was cut short only where they are named, and then refused. */
function settledIn(cluster: Cluster, names: readonly string[]): readonly Node[] {
  const chosen = programsIn(cluster, { names }).nodes;
  const moving = chosen.filter(({ phase }) => phase !== 'added');
  const [first] = moving;
  if (names.length === 0 || first === undefined) return chosen.filter((node) => !moving.includes(node));
  throw halfDone(cluster, first);
}

const isUnwanted = ({ wanted }: Node) => wanted === 'stopped';

/** Who starts and who runs, with the roles that were seen last. */
async function requestOf(
  machine: Machine,
  cluster: Cluster,
  chosen: ReadonlySet<string>,
  bootstrap: string | undefined,
  looksOnly: boolean,
): Promise<RecoveryRequest> {
  const setting = await settingOf(machine, withLastRoles(machine, settledPart(cluster)));
  const { nodes } = setting.cluster;
  const servers = serversOf(machine, nodes);
  const runs = (node: Node) =>
    servers.get(node.name)?.state === 'running' && !(isUnwanted(node) && chosen.has(node.name));
  return {
    setting,
    starting: nodes.filter((node) => chosen.has(node.name) && !runs(node)),
    running: nodes.filter(runs),
    resting: nodes.filter(({ name }) => !chosen.has(name) && servers.get(name)?.pid === null),
    bootstrap: bootstrap === undefined ? null : selectNode(cluster, bootstrap),
    looksOnly,
  };
}

async function bringUp(
  cluster: Cluster,
  chosen: ReadonlySet<string>,
  { timeout, bootstrap }: StartOptions,
  context: Context,
): Promise<Omit<VerbView, 'cluster'>> {
  const { machine, signal } = context;
  const request = await requestOf(machine, cluster, chosen, bootstrap, false);
  const deadline = Date.now() + timeout;
  const recovery = await topologyNamed(cluster.topology).life.recover(request, { signal, deadline });
  const { notes, noting, tell } = notingDown(context);
  recovery.notes.forEach(tell);
  await bringBack(request, recovery, { ...noting, deadline });
  const started = new Set(request.starting.map(({ name }) => name));
  const nodes = cluster.nodes
    .filter(({ name }) => chosen.has(name))
    .map(({ name }) => ({ node: name, outcome: started.has(name) ? 'started' : 'was running' }));
  return { nodes, notes };
}

/** Who stands in front comes last. */
async function bringUpFronts(
  cluster: Cluster,
  companions: readonly Companion[],
  application: Limited,
): Promise<VerbView['nodes']> {
  const running = serversOf(application.machine, companions);
  const outcomes = [];
  for (const companion of companions) {
    const runs = running.get(companion.name)?.state === 'running';
    if (!runs) await bringUpCompanion(cluster, companion, application);
    outcomes.push({ node: companion.name, outcome: runs ? 'was running' : 'started' });
  }
  return outcomes;
}

/** Starts servers, and returns when they are ready. Those that were started in vain, because nobody can tell whose data count, are ended again; others go on. */
export async function bringBack(
  { setting: { cluster }, starting }: RecoveryRequest,
  recovery: Recovery,
  application: Limited,
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
