import { without, type Cluster, type Node } from '../../cluster/cluster.js';
import { ConflictError, NotReadyError, UsageError } from '../../errors/errors.js';
import { saveCluster } from '../../state/clusters.js';
import { withLastRoles } from '../../state/roles.js';
import { topologyNamed } from '../../topologies/registry.js';
import { applyPlan } from '../apply.js';
import { underClusterLock } from '../cluster-lock.js';
import { requirePrograms, requireRoot, type Context, type Limited } from '../context.js';
import { explainByLog } from '../explain.js';
import { withFaults } from '../ground/name-faults.js';
import { standGround } from '../ground/stand.js';
import { halfDone } from '../half-done.js';
import { ensurePristine } from '../pristine.js';
import { endServers } from '../running/stop.js';
import { notingDown, serversOf, touchedIn, type VerbView } from '../running/verb.js';
import { selectNode } from '../select.js';
import { settingOf } from '../setting.js';
import { PATIENT_ANSWER_TIMEOUT, settled } from '../status.js';
import { bringIn, comingOf, layData, type Coming } from '../growth/come.js';
import { planLeaving } from '../growth/leave.js';

export interface RebuildOptions {
  /** Milliseconds until the node is ready again. */
  readonly timeout: number;
  /** Nothing is rebuilt: what the node alone has is taken for done by the others. */
  readonly accept?: boolean;
}

/**
 * Throws away what a node has, and gives it all data anew from the others: what `remove` and `add` do, with the same name,
 * address and place. Cut short it is taken up again by the same words.
 * @throws NotFoundError, UsageError, ConflictError before anything was touched: the node takes writes, or nobody could give it
 *   its data; NotReadyError with the server's own words; InterruptedError.
 */
export async function rebuildNode(
  name: string,
  nodeName: string,
  { timeout, accept = false }: RebuildOptions,
  context: Context,
): Promise<VerbView> {
  const { machine } = context;
  const words = ['rebuild', name, nodeName, ...(accept ? ['--accept'] : [])].join(' ');
  requireRoot(machine, words);
  requirePrograms(machine);
  const verb = { verb: 'rebuild', nodes: [nodeName], touched: touchedIn, again: `dbns ${words}` };
  return underClusterLock(machine, name, verb, async (saved) => {
    const { notes, noting } = notingDown(context);
    const application = { ...noting, deadline: Date.now() + timeout };
    const node = selectNode(saved, nodeName);
    await assertMay(saved, node, accept, application);
    const cluster = accept ? await acceptOwn(saved, node, application) : await anew(saved, node, application);
    return {
      cluster: await settled(machine, cluster),
      nodes: [{ node: node.name, outcome: accept ? 'accepted' : 'rebuilt' }],
      notes,
    };
  });
}

/** One that was begun may always be ended: it has nothing any more that could be lost. */
async function assertMay(saved: Cluster, node: Node, accept: boolean, { machine }: Context): Promise<void> {
  if (node.phase === 'rebuilding' && !accept) return;
  if (node.phase !== 'added') throw halfDone(saved, node);
  if (saved.nodes.every(({ name, phase }) => name === node.name || phase !== 'added')) {
    throw new ConflictError(`'${saved.name}' has no other node that could give ${node.name} its data.`);
  }
  const topology = topologyNamed(saved.topology);
  const setting = await settingOf(machine, withLastRoles(machine, saved));
  const runs = serversOf(machine, [node]).get(node.name)?.state === 'running';
  const said = runs ? (await topology.health(setting, [node], PATIENT_ANSWER_TIMEOUT)).get(node.name) : undefined;
  const role = said !== undefined && 'healthy' in said ? (said.role ?? null) : null;
  topology.rebuild.assertMay(setting.cluster, node, role);
}

async function acceptOwn(saved: Cluster, node: Node, application: Limited): Promise<Cluster> {
  const { machine, observer } = application;
  const { accept } = topologyNamed(saved.topology).rebuild;
  if (typeof accept === 'string') throw new UsageError(accept);
  const setting = await settingOf(machine, withLastRoles(machine, saved));
  const { notes, plan } = await accept(setting, selectNode(setting.cluster, node.name));
  notes.forEach((sentence) => observer.told?.(sentence));
  await applyPlan(plan, application);
  return saved;
}

/** Milliseconds that a server may take to end whose data are thrown away. */
const STOP_PATIENCE = 10_000;

/** The cluster's words stay as they are: by them it comes back to where it was. */
async function anew(saved: Cluster, node: Node, application: Limited): Promise<Cluster> {
  const { machine, observer } = application;
  // As long as it is to stop it has all that it had, and hands over what the others lack; then it is to run again.
  const force = node.phase === 'rebuilding' && node.wanted === 'running';
  const leaving = await planLeaving(saved, [node], { force, returns: true }, application);
  const going = withNode(saved, node, 'rebuilding', force ? 'running' : 'stopped');
  // Before anything is touched: perhaps nobody could give it its data.
  await planReturn(going, node, leaving.settings, application);
  leaving.notes.forEach((sentence) => observer.told?.(sentence));
  await saveCluster(machine, going);
  await applyPlan(leaving.before, application);
  await endServers(going, [node], { timeout: STOP_PATIENCE }, application);
  const gone = withNode(going, node, 'rebuilding', 'running');
  await saveCluster(machine, gone);
  const stood = await standGround(gone, application);
  await applyPlan(leaving.after, application);
  const coming = await planReturn(stood, node, leaving.settings, application);
  coming.joining.notes.forEach((sentence) => observer.told?.(sentence));
  await comeBack(stood, coming, application);
  const done = withNode(stood, node, 'added', 'running');
  await saveCluster(machine, done);
  return done;
}

function withNode(cluster: Cluster, { name }: Node, phase: 'rebuilding' | 'added', wanted: Node['wanted']): Cluster {
  const nodes = cluster.nodes.map((node) => (node.name === name ? { ...node, phase, wanted } : node));
  return { ...cluster, nodes };
}

/** How it comes back into a cluster that has the words that it has without the node. */
async function planReturn(
  cluster: Cluster,
  node: Node,
  settings: Cluster['settings'],
  { machine }: Context,
): Promise<Coming> {
  const setting = await settingOf(machine, withLastRoles(machine, cluster));
  const before: Cluster = { ...without(setting.cluster, [node]), settings };
  return comingOf(before, [selectNode(setting.cluster, node.name)], setting);
}

async function comeBack(cluster: Cluster, coming: Coming, application: Limited): Promise<void> {
  const { machine, observer } = application;
  const { newcomers, recipes, joining } = coming;
  const [node] = newcomers;
  try {
    for (const newcomer of newcomers) {
      const recipe = joining.beginsAs(newcomer) === 'pristine' ? recipes.get(newcomer.name) : undefined;
      if (recipe !== undefined) await ensurePristine(recipe, application);
    }
    await layData(coming, application);
    await bringIn(coming, application);
  } catch (error) {
    observer.phaseFailed?.();
    if (!(error instanceof NotReadyError) || node === undefined) throw error;
    const { name } = cluster;
    const again = [`dbns status ${name}`, `dbns logs ${name} ${node.name}`, `dbns rebuild ${name} ${node.name}`];
    const explained = explainByLog(error, { machine, cluster, what: node.name, suspects: newcomers, kept: [], again });
    throw await withFaults(machine, name, explained);
  }
}
