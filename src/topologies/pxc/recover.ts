import { namesOf, type Node } from '../../cluster/cluster.js';
import type { Act, Plan, Step } from '../../cluster/plan.js';
import { ConflictError, UsageError } from '../../errors/errors.js';
import { listens } from '../../servers/listens.js';
import { waitUntil } from '../../servers/wait.js';
import type { Recovery, RecoveryRequest } from '../recovery.js';
import type { Formation, Setting } from '../setting.js';
import { choose, positionNote, type Choice, type Standing } from './choice.js';
import { formed, meetingStep } from './finish.js';
import { goneStep } from './gone.js';
import { byBootstrap, byRecordedView, joins, patienceOf, standStep, start, type Start } from './formation.js';
import { positionsOf, savedState, stateFile, type Limits, type NoPosition, type Position } from './position.js';
import { viewFile } from './recorded-view.js';
import { askStatus, primaryOf, statusOf } from './status.js';

/** Plans a start: beside nodes that run they join; where none runs, the furthest begins. */
export async function recover(request: RecoveryRequest, limits: Limits): Promise<Recovery> {
  const { setting, starting, running, bootstrap } = request;
  const up = await statusOf(setting, running);
  const primary = primaryOf(running, up);
  assertMayBegin(request, primary);
  const finish = finishPlan(setting, [...running, ...starting]);
  if (starting.length === 0) return { notes: [], ways: [], finish };
  const asked = running.length > 0 ? starting : downNodes(request);
  const unsaid = request.looksOnly ? asked.filter((node) => savedState(setting, node) === 'unknown') : [];
  if (unsaid.length > 0) return { notes: [askedAtStart(unsaid)], ways: [], finish: { sequence: [] } };
  const positions = await positionsOf(setting, asked, limits);
  const starts = starting.map((node): Start => ({ node, position: known(positions.get(node.name)) }));
  const [first] = primary;
  if (first !== undefined) {
    assertOneHistory(setting, first, up.get(first.name)?.wsrep_local_state_uuid ?? '', starts);
    const plan = { title: `join ${namesOf(starting)}`, sequence: comeBack(setting, primary, starts) };
    return {
      notes: [`${namesOf(primary)} run${primary.length === 1 ? 's' : ''}: the others join.`],
      finish,
      ways: [way(plan)],
    };
  }
  if (running.length > 0) return { ...backInto(setting, running, starts), finish };
  const standings = standingsOf(request, positions);
  const choice = choose(setting.cluster.name, standings, bootstrap?.name ?? null);
  return { notes: [...standings.map(positionNote), choice.note], ways: waysOf(setting, choice, starts), finish };
}

function askedAtStart(nodes: readonly Node[]): string {
  return `The position of ${namesOf(nodes)} is asked at start (--wsrep-recover): then it is known who begins.`;
}

/** At Galera's own periods those that stand could not write for seconds whenever one comes; `finish` puts them back. */
function comeBack(setting: Setting, standing: readonly Node[], starts: readonly Start[]): readonly Plan[] {
  return [
    { parallel: standing.map((node) => meetingStep(setting, node, true)) },
    goneStep(
      standing,
      starts.map(({ node }) => node),
    ),
    ...joins(setting, standing, starts),
  ];
}

const known = (position: Position | NoPosition | undefined) => (typeof position === 'object' ? position : null);
const way = (plan: Plan, title = 'by joining'): Formation => ({ title, plan, patience: null });

/** In the order of the cluster. */
function downNodes({ setting, starting, resting }: RecoveryRequest): readonly Node[] {
  return setting.cluster.nodes.filter((node) => [...starting, ...resting].some(({ name }) => name === node.name));
}

function standingsOf(
  request: RecoveryRequest,
  positions: ReadonlyMap<string, Position | NoPosition>,
): readonly Standing[] {
  return downNodes(request).map(({ name }) => ({
    ...{ node: name, position: positions.get(name) ?? 'unknown' },
    starting: request.starting.some((node) => node.name === name),
  }));
}

/** A user's word for one that is not needed, or comes too late. */
function assertMayBegin({ setting, running, bootstrap }: RecoveryRequest, primary: readonly Node[]): void {
  if (bootstrap === null || running.length === 0) return;
  const { name } = setting.cluster;
  if (primary.length > 0)
    throw new UsageError(
      `Nobody has to begin (--bootstrap): ${namesOf(primary)} of '${name}' run in a primary component.`,
    );
  throw new UsageError(
    `${namesOf(running)} of '${name}' run: stop all before ${bootstrap.name} begins (--bootstrap).`,
    {
      suggestions: [`dbns stop ${name}`, `dbns start ${name} --bootstrap ${bootstrap.name}`],
    },
  );
}

/** A directory of another history would be emptied without a word. */
function assertOneHistory({ cluster }: Setting, runs: Node, uuid: string, starts: readonly Start[]): void {
  const other = starts.find(({ position }) => position !== null && position.uuid !== uuid);
  if (other === undefined) return;
  throw new ConflictError(
    `${other.node.name} of '${cluster.name}' has data of another history (${other.position?.uuid ?? ''}) than ${runs.name}, which runs (${uuid}): it can't join without losing them.`,
    { suggestions: [`To lose them: rm ${stateFile(other.node)}`, `dbns start ${cluster.name}`] },
  );
}

/** Nodes that run in no primary component re-form it as soon as all of their last one are back: `pc.recovery`. */
function backInto(setting: Setting, running: readonly Node[], starts: readonly Start[]): Omit<Recovery, 'finish'> {
  const { name } = setting.cluster;
  const amiss = `${namesOf(running)} of '${name}' run in no primary component. It forms again when all nodes of the last one are back; if it does not: dbns stop ${name}, then dbns start ${name}`;
  const plan: Plan = {
    title: `bring back ${namesOf(starts.map(({ node }) => node))}`,
    sequence: [{ parallel: starts.map((one) => start(setting, one)) }, primaryStep(running, 1, amiss)],
  };
  return {
    notes: [
      `${namesOf(running)} run${running.length === 1 ? 's' : ''} in no primary component: all of the last one have to be back.`,
    ],
    ways: [way(plan, 'by the view that they saved')],
  };
}

/** At once by a recorded view where all have a history that allows it; else, and after it, by a bootstrap. */
function waysOf(setting: Setting, choice: Choice, starts: readonly Start[]): readonly Formation[] {
  const pick = (chosen: readonly string[]) => starts.filter(({ node }) => chosen.includes(node.name));
  const [first, follow] = [pick([choice.begins]), pick(choice.follow)];
  const anew = pick([...choice.join, ...choice.forget]).map(withoutPosition);
  const forgetting = starts.filter(({ node }) => choice.forget.includes(node.name)).map(({ node }) => node);
  if (follow.length === 0 || anew.length > 0) return [bootstrapWay(setting, forgetting, first, [...follow, ...anew])];
  const fast: Formation = {
    title: 'by a recorded view',
    plan: byView(setting, [...first, ...follow]),
    patience: (patienceOf(setting, starts.length) ?? 0) * RECOVERING,
  };
  // Whoever had begun to fetch what it lacked is no longer where it was.
  return [fast, bootstrapWay(setting, [], first, follow.map(withoutPosition))];
}

/** How much longer than at birth it may take: there may be much to recover from a crash. */
const RECOVERING = 3;

const withoutPosition = ({ node }: Start): Start => ({ node, position: null });

/** Who lags behind fetches what it lacks afterwards, for as long as that takes. */
function byView(setting: Setting, starts: readonly Start[]): Plan {
  const nodes = starts.map(({ node }) => node);
  return {
    title: `start ${starts.length} nodes by a recorded view`,
    sequence: [
      ...byRecordedView(setting, starts),
      primaryStep(nodes, starts.length, `${namesOf(nodes)} form no primary component`),
    ],
  };
}

function bootstrapWay(
  setting: Setting,
  forgetting: readonly Node[],
  first: readonly Start[],
  others: readonly Start[],
): Formation {
  const acts = [
    ...[...first, ...others].map(({ node }): Act => ({ do: 'remove', path: viewFile(node) })),
    ...forgetting.map((node): Act => ({ do: 'remove', path: stateFile(node) })),
    ...first.flatMap(({ node }) => allowBootstrap(setting, node)),
  ];
  const prepare: Plan = { step: 'say who begins in the data directories', acts };
  return way({ sequence: [prepare, byBootstrap(setting, [...first, ...others])] }, 'by bootstrap and join');
}

/** The server refuses to begin without that word, where it has a file for it. */
function allowBootstrap({ machine }: Setting, node: Node): readonly Act[] {
  const path = stateFile(node);
  const saved = machine.files.read(path);
  if (saved === null) return [];
  const content = saved.replace(/^safe_to_bootstrap:.*$/m, 'safe_to_bootstrap: 1');
  return [{ do: 'write', path, content, mode: 0o660, owner: 'server' }];
}

/** As soon as one of them says so: from then on clients may write. */
function primaryStep(nodes: readonly Node[], size: number, amiss: string): Step {
  const isPrimary = async ({ socket }: Node) => {
    if (!(await listens(socket))) return false;
    const said = await askStatus(socket);
    return said.wsrep_cluster_status === 'Primary' && Number(said.wsrep_cluster_size) >= size;
  };
  const act: Act = {
    do: 'ask',
    what: `${namesOf(nodes)} over their sockets: one says wsrep_cluster_status = Primary and wsrep_cluster_size at least ${size}`,
    ask: (context) =>
      waitUntil(context, async () => {
        const said = await Promise.all(nodes.map((node) => isPrimary(node).catch(() => false)));
        return said.includes(true) ? null : `${amiss}.`;
      }),
  };
  return { step: 'wait for a primary component', acts: [act] };
}

function finishPlan(setting: Setting, nodes: readonly Node[]): Plan {
  return { sequence: [standStep(setting, nodes), formed(setting, nodes)] };
}
