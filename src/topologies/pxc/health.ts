import { wantedNodes, type Cluster, type Node } from '../../cluster/cluster.js';
import { isError } from '../../errors/errors.js';
import { ask, rootAt, variables } from '../../servers/mysqld/client.js';
import { answersOf, askNodes } from '../ask-nodes.js';
import { splitBrain } from '../split-brain.js';
import type { Asked, Health, StatusColumn } from '../topology.js';

const ASKED = [
  'wsrep_local_state_comment',
  'wsrep_cluster_size',
  'wsrep_cluster_status',
  'wsrep_ready',
  'wsrep_flow_control_paused',
  'wsrep_local_recv_queue',
  'wsrep_local_send_queue',
  'wsrep_last_committed',
  'wsrep_incoming_addresses',
  'uptime',
] as const;

const STATEMENT = `SHOW GLOBAL STATUS WHERE Variable_name IN (${ASKED.map((name) => `'${name}'`).join(', ')})`;

/** What nodes say of themselves and of the cluster: Galera's own words and numbers. */
export async function health(
  { machine, cluster }: Asked,
  nodes: readonly Node[],
  timeout: number,
): Promise<ReadonlyMap<string, Health | Error>> {
  const said = await askNodes(nodes, async (node) =>
    variables(await ask(rootAt(machine.reach(node.socket)), timeout, (session) => session.query(STATEMENT))),
  );
  const split = splitIn(cluster, answersOf(said));
  return new Map(
    [...said].map(([name, words]) => [
      name,
      isError(words) ? words : readHealth(words, sizesOf(cluster), split.get(name)),
    ]),
  );
}

/** Nodes of primary components that know nothing of each other: what was bootstrapped twice. */
export function splitIn(
  { nodes }: Pick<Cluster, 'nodes'>,
  answered: ReadonlyMap<string, Readonly<Record<string, string>>>,
): ReadonlyMap<string, string> {
  const writers = [...answered].flatMap(([name, said]) =>
    said.wsrep_cluster_status === 'Primary' && said.wsrep_ready === 'ON' ? [name] : [],
  );
  return splitBrain(writers, (one, other) => {
    const seen = (answered.get(one)?.wsrep_incoming_addresses ?? '').split(',');
    const address = nodes.find(({ name }) => name === other)?.address ?? '';
    return seen.some((text) => text.replace(/:\d+$/, '') === address);
  });
}

/** How many nodes are to be in the cluster; those that come and go may be, or not. */
export interface Sizes {
  readonly least: number;
  readonly most: number;
}

export function sizesOf(cluster: Pick<Cluster, 'nodes'>): Sizes {
  const least = wantedNodes(cluster).length;
  return { least, most: least + cluster.nodes.filter(({ phase }) => phase !== 'added').length };
}

/** Well is: Synced, ready, in the primary component, and all nodes that are wanted are in it. */
export function readHealth(said: Readonly<Record<string, string>>, { least, most }: Sizes, split?: string): Health {
  const number = (name: string) => (said[name] === undefined ? null : Number(said[name]));
  const status = {
    state: said.wsrep_local_state_comment ?? null,
    clusterSize: number('wsrep_cluster_size'),
    clusterStatus: said.wsrep_cluster_status ?? null,
    ready: said.wsrep_ready === 'ON',
    /** Share of the time since the last FLUSH STATUS, 0 to 1. */
    flowControlPaused: number('wsrep_flow_control_paused'),
    receiveQueue: number('wsrep_local_recv_queue'),
    sendQueue: number('wsrep_local_send_queue'),
    lastCommitted: number('wsrep_last_committed'),
    uptimeSeconds: number('uptime'),
  };
  const size = status.clusterSize ?? 0;
  const whole = size >= least && size <= most;
  const healthy = status.state === 'Synced' && status.ready && status.clusterStatus === 'Primary' && whole;
  return {
    healthy: healthy && split === undefined,
    status: { ...status, ...(split !== undefined && { error: split }) },
  };
}

export const columns: readonly StatusColumn[] = [
  { head: 'state', key: 'state' },
  { head: 'cluster', key: 'clusterStatus' },
  { head: 'size', key: 'clusterSize' },
  { head: 'ready', key: 'ready' },
  { head: 'paused', key: 'flowControlPaused', unit: 'share' },
  { head: 'recv q', key: 'receiveQueue' },
  { head: 'send q', key: 'sendQueue' },
  { head: 'committed', key: 'lastCommitted' },
  { head: 'uptime', key: 'uptimeSeconds', unit: 's' },
];
