import type { Node } from '../../cluster/cluster.js';
import type { Act, AskContext, Plan, Step } from '../../cluster/plan.js';
import { listens } from '../../servers/listens.js';
import { open, rootAt, variables, type Session } from '../../servers/mysqld/client.js';
import { dialectNamed } from '../../servers/mysqld/dialects.js';
import { gcacheOf } from '../../servers/mysqld/memory.js';
import { startStep } from '../../servers/mysqld/start.js';
import { waitUntil } from '../../servers/wait.js';
import { render } from '../../templates/render.js';
import { serverOf, type Formation, type Setting } from '../topology.js';
import { formatOptions, formingOptions, lastingOptions } from './provider-options.js';
import { recordedView, viewMembers } from './recorded-view.js';

/** The fast way, then the sure way. */
export function formations(setting: Setting): readonly Formation[] {
  const count = setting.cluster.nodes.length;
  const sure: Formation = { title: 'by bootstrap and join', plan: byBootstrap(setting), patience: null };
  // A node alone would wait three seconds for others of its view (pc.announce_timeout).
  if (count === 1) return [sure];
  return [{ title: 'by the recorded view', plan: byRecordedView(setting), patience: patienceOf(setting) }, sure];
}

/** All nodes are of one server. */
function patienceOf(setting: Setting): number | null {
  const { nodes } = setting.cluster;
  const [first] = nodes;
  const galera = first === undefined ? null : dialectNamed(serverOf(setting, first).build.dialect).galera;
  return galera === null ? null : galera.patience.base + galera.patience.perNode * nodes.length;
}

/** All nodes at once: each knows the view that they are to form. */
function byRecordedView(setting: Setting): Plan {
  const { nodes } = setting.cluster;
  const members = viewMembers(nodes.length);
  return {
    title: `start ${nodes.length} nodes by the recorded view`,
    sequence: [
      {
        step: 'record the view on every node',
        acts: nodes.map((node, position) => ({
          do: 'write',
          path: `${node.directory}/data/gvwstate.dat`,
          content: recordedView(members, position),
          mode: 0o600,
          owner: 'server',
        })),
      },
      { parallel: nodes.map((node) => start(setting, node)) },
      standStep(setting, nodes),
    ],
  };
}

/** The first node alone, then the others, who join it. */
function byBootstrap(setting: Setting): Plan {
  const [first, ...others] = setting.cluster.nodes;
  if (first === undefined) return { sequence: [] };
  return {
    title: others.length === 0 ? 'bootstrap the node' : 'bootstrap the first node and let the others join',
    sequence: [start(setting, first, { bootstraps: true }), standStep(setting, [first]), ...joins(setting, 1)],
  };
}

/** How many join a cluster at once. Seven that joined one node did not come to an end in a minute; four take seconds. */
const JOINERS = 4;

/** The nodes from a position on, some at a time. */
function joins(setting: Setting, from: number): readonly Plan[] {
  const { nodes } = setting.cluster;
  if (from >= nodes.length) return [];
  const until = Math.min(from + JOINERS, nodes.length);
  return [
    { parallel: nodes.slice(from, until).map((node) => start(setting, node)) },
    standStep(setting, nodes.slice(0, until)),
    ...joins(setting, until),
  ];
}

/** How a node is started, besides its my.cnf. */
interface Forming {
  readonly bootstraps?: boolean;
}

function start(setting: Setting, node: Node, { bootstraps = false }: Forming = {}): Step {
  const { machine, cluster } = setting;
  const lasting = lastingOptions(gcacheOf(cluster.memory), node.options);
  const providerOptions = formatOptions(formingOptions(lasting, cluster.nodes.length));
  const forming = render('pxc/forming.cnf', { providerOptions, bootstraps, position: null });
  return startStep(machine, node, serverOf(setting, node), forming);
}

function standStep({ cluster }: Setting, nodes: readonly Node[]): Step {
  const ask: Act = {
    do: 'ask',
    what: `each of ${nodes.map(({ name }) => name).join(', ')} over its socket: wsrep_local_state_comment = Synced and wsrep_cluster_size = ${nodes.length}`,
    ask: async (context) => {
      await Promise.all(nodes.map((node) => waitForSynced(context, node, nodes.length)));
    },
  };
  return { step: `wait until ${nodes.length} of ${cluster.nodes.length} nodes are Synced`, acts: [ask] };
}

async function waitForSynced(context: AskContext, node: Node, size: number): Promise<void> {
  await waitUntil(context, async () => {
    return (await listens(node.socket)) ? null : `${node.name} does not answer on its socket yet`;
  });
  let session: Session | null = null;
  try {
    await waitUntil(context, async () => {
      session ??= await open(rootAt(node.socket), 2000);
      const { wsrep_local_state_comment: state, wsrep_cluster_size: seen } = variables(await session.query(SYNCED));
      return state === 'Synced' && seen === String(size)
        ? null
        : `${node.name} says ${state ?? 'nothing'}, and sees ${seen ?? 'no'} nodes of ${size}`;
    });
  } finally {
    (session as Session | null)?.close();
  }
}

const SYNCED = "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_local_state_comment', 'wsrep_cluster_size')";
