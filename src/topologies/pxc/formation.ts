import type { Node } from '../../cluster/cluster.js';
import type { Act, AskContext, Plan, Step } from '../../cluster/plan.js';
import { variables } from '../../servers/mysqld/client.js';
import { dialectNamed } from '../../servers/mysqld/dialects.js';
import { startStep } from '../../servers/mysqld/start.js';
import { whenUp } from '../../servers/mysqld/up.js';
import { waitUntil } from '../../servers/wait.js';
import { render } from '../../templates/render.js';
import { serverOf, type Formation, type Setting } from '../topology.js';
import { positionText, type Position } from './position.js';
import { formatOptions, formingOptions, joiningOptions, lastingOptions, segmentIn } from './provider-options.js';
import { oldestFirst } from './versions.js';
import { recordedView, viewFile, viewMembers } from './recorded-view.js';

/** A node to be started, and the position that it starts at; null is what its grastate.dat says. */
export interface Start {
  readonly node: Node;
  readonly position: Position | null;
}

/** The fast way, then the sure way. */
export function formations(setting: Setting): readonly Formation[] {
  const { nodes } = setting.cluster;
  const starts = nodes.map((node) => ({ node, position: null }));
  const sure: Formation = {
    title: 'by bootstrap and join',
    plan: byBootstrap(
      setting,
      oldestFirst(setting, starts, ({ node }) => node),
    ),
    patience: null,
  };
  // A node alone would wait three seconds for others of its view (pc.announce_timeout).
  if (nodes.length === 1) return [sure];
  const plan: Plan = {
    title: `start ${nodes.length} nodes by the recorded view`,
    sequence: [...byRecordedView(setting, starts), standStep(setting, nodes)],
  };
  return [{ title: 'by the recorded view', plan, patience: patienceOf(setting, nodes.length) }, sure];
}

/** All nodes are of one server. */
export function patienceOf(setting: Setting, count: number): number | null {
  const [first] = setting.cluster.nodes;
  const galera = first === undefined ? null : dialectNamed(serverOf(setting, first).build.dialect).galera;
  return galera === null ? null : galera.patience.base + galera.patience.perNode * count;
}

/** All at once: each knows the view that they are to form, and the furthest has what the others lack. */
export function byRecordedView(setting: Setting, starts: readonly Start[]): readonly Plan[] {
  const members = viewMembers(starts.length);
  const segments = starts.map(({ node }) => segmentIn(setting.cluster, node) ?? 0);
  return [
    {
      step: 'record the view on every node',
      acts: starts.map(({ node }, position) => ({
        do: 'write',
        path: viewFile(node),
        content: recordedView(members, position, segments),
        mode: 0o600,
        owner: 'server',
      })),
    },
    { parallel: starts.map((one) => start(setting, one)) },
  ];
}

/** The first alone, then the others, who join it. */
export function byBootstrap(setting: Setting, [first, ...others]: readonly Start[]): Plan {
  if (first === undefined) return { sequence: [] };
  return {
    title: others.length === 0 ? 'bootstrap the node' : 'bootstrap the first node and let the others join',
    sequence: [
      start(setting, first, { bootstraps: true }),
      standStep(setting, [first.node]),
      ...joins(setting, [first.node], others),
    ],
  };
}

/** Who joins is somebody new: as a member of a view that was it would be taken for the dead one of that name. */
function forgetViews(starts: readonly Start[]): Step {
  return {
    step: 'forget earlier views',
    acts: starts.map(({ node }) => ({ do: 'remove', path: viewFile(node) })),
  };
}

/**
 * How many join a cluster at once. Seven that joined one node did not come to an end in a minute, and four did not once,
 * on a busy machine.
 */
const joinersOf = (standing: number) => Math.max(2, Math.min(standing, 4));

/** Nodes that join those that stand, some at a time. */
export function joins(setting: Setting, standing: readonly Node[], starts: readonly Start[]): readonly Plan[] {
  if (starts.length === 0) return [];
  const joining = starts.slice(0, joinersOf(standing.length));
  const nodes = [...standing, ...joining.map(({ node }) => node)];
  return [
    forgetViews(joining),
    { parallel: joining.map((one) => start(setting, one, { joins: true })) },
    standStep(setting, nodes),
    ...joins(setting, nodes, starts.slice(joining.length)),
  ];
}

/** How a node is started, besides its my.cnf. */
interface Forming {
  readonly bootstraps?: boolean;
  /** Others stand already. */
  readonly joins?: boolean;
}

export function start(
  setting: Setting,
  { node, position }: Start,
  { bootstraps = false, joins = false }: Forming = {},
) {
  const { machine, cluster } = setting;
  const lasting = lastingOptions(cluster, node);
  const forming = formingOptions(lasting, cluster.nodes.length);
  const providerOptions = formatOptions(joins ? joiningOptions(forming) : forming);
  const at = position === null ? null : positionText(position);
  const text = render('pxc/forming.cnf', { providerOptions, bootstraps, position: at });
  return startStep(machine, node, serverOf(setting, node), text);
}

export function standStep({ cluster }: Setting, nodes: readonly Node[]): Step {
  const ask: Act = {
    do: 'ask',
    what: `each of ${nodes.map(({ name }) => name).join(', ')} over its socket: wsrep_local_state_comment = Synced and wsrep_cluster_size at least ${nodes.length}`,
    ask: async (context) => {
      await Promise.all(nodes.map((node) => waitForSynced(context, node, nodes.length)));
    },
  };
  return { step: `wait until ${nodes.length} of ${cluster.nodes.length} nodes are Synced`, acts: [ask] };
}

async function waitForSynced(context: AskContext, node: Node, size: number): Promise<void> {
  await whenUp(context, node, (session) =>
    waitUntil(context, async () => {
      const { wsrep_local_state_comment: state, wsrep_cluster_size: seen } = variables(await session.query(SYNCED));
      return state === 'Synced' && Number(seen) >= size
        ? null
        : `${node.name} says ${state ?? 'nothing'}, and sees ${seen ?? 'no'} nodes of ${size}`;
    }),
  );
}

const SYNCED = "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_local_state_comment', 'wsrep_cluster_size')";
