import type { Node } from '../../cluster/cluster.js';
import { ask, rootAt, variables } from '../../servers/mysqld/client.js';
import { askNodes } from '../ask-nodes.js';
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
  'uptime',
] as const;

const STATEMENT = `SHOW GLOBAL STATUS WHERE Variable_name IN (${ASKED.map((name) => `'${name}'`).join(', ')})`;

/** What nodes say of themselves and of the cluster: Galera's own words and numbers. */
export function health({ machine, cluster }: Asked, nodes: readonly Node[], timeout: number) {
  return askNodes(nodes, async (node) => {
    const rows = await ask(rootAt(machine.reach(node.socket)), timeout, (session) => session.query(STATEMENT));
    return readHealth(variables(rows), cluster.nodes.length);
  });
}

/** Well is: Synced, ready, in the primary component, and that component is whole. */
export function readHealth(said: Readonly<Record<string, string>>, nodes: number): Health {
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
  const healthy =
    status.state === 'Synced' && status.ready && status.clusterStatus === 'Primary' && status.clusterSize === nodes;
  return { healthy, status };
}

export const columns: readonly StatusColumn[] = [
  { head: 'state', key: 'state' },
  { head: 'cluster', key: 'clusterStatus' },
  { head: 'size', key: 'clusterSize' },
  { head: 'ready', key: 'ready' },
  { head: 'paused', key: 'flowControlPaused' },
  { head: 'recv q', key: 'receiveQueue' },
  { head: 'send q', key: 'sendQueue' },
  { head: 'committed', key: 'lastCommitted' },
  { head: 'uptime s', key: 'uptimeSeconds' },
];
