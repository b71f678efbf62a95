import type { Node } from '../../cluster/cluster.js';
import { ask, rootAt, variables } from '../../servers/mysqld/client.js';
import { answersOf, askNodes } from '../ask-nodes.js';
import type { Setting } from '../setting.js';

const ASKED = [
  'wsrep_cluster_status',
  'wsrep_cluster_size',
  'wsrep_incoming_addresses',
  'wsrep_incoming_addresses',
  'wsrep_local_state_uuid',
  'wsrep_local_cached_downto',
  'wsrep_last_committed',
] as const;

const STATUS = `SHOW GLOBAL STATUS WHERE Variable_name IN (${ASKED.map((name) => `'${name}'`).join(', ')})`;
/** Milliseconds. */
const ANSWER = 3000;

/** What a node says of the component that it is in. */
export type Status = Readonly<Partial<Record<(typeof ASKED)[number], string>>>;

export async function askStatus(socket: string): Promise<Status> {
  return variables(await ask(rootAt(socket), ANSWER, (session) => session.query(STATUS)));
}

/** Of those that answer, by name: one that is coming up does not yet. */
export async function statusOf({ machine }: Setting, nodes: readonly Node[]): Promise<ReadonlyMap<string, Status>> {
  return answersOf(await askNodes(nodes, ({ socket }) => askStatus(machine.reach(socket))));
}

/** Those of the nodes that say that they are in a primary component. */
export function primaryOf(nodes: readonly Node[], said: ReadonlyMap<string, Status>): readonly Node[] {
  return nodes.filter(({ name }) => said.get(name)?.wsrep_cluster_status === 'Primary');
}
