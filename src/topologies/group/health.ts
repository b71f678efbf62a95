import type { Node } from '../../cluster/cluster.js';
import type { Machine } from '../../host/machine.js';
import { ask, rootAt } from '../../servers/mysqld/client.js';
import { askNodes } from '../ask-nodes.js';
import type { Asked, Health, StatusColumn } from '../topology.js';
import { askMember, hasQuorum, type Member } from './member.js';

/** What a member says of itself and of the group. */
export function askMemberAt(machine: Machine, { socket }: Node, timeout: number): Promise<Member> {
  return ask(rootAt(machine.reach(socket)), timeout, askMember);
}

export function health({ machine, cluster }: Asked, nodes: readonly Node[], timeout: number) {
  return askNodes(nodes, async (node) => judge(await askMemberAt(machine, node, timeout), cluster.nodes.length));
}

/** Well is: ONLINE, in a group that has a quorum and is whole. */
export function judge(member: Member, nodes: number): Health {
  const { state, role, viewId, members, reached, online, certifying, applying, conflicts, readOnly } = member;
  const quorum = hasQuorum(member);
  const error = quorum === false ? `no quorum: it reaches ${reached} of ${members} members` : member.error;
  return {
    healthy: state === 'ONLINE' && quorum === true && online === nodes && error === null,
    ...(role !== '' && { role: role.toLowerCase() }),
    status: {
      state,
      /** Members that it knows to be ONLINE. */
      online,
      quorum,
      viewId: viewId === '' ? null : viewId,
      /** Transactions that wait for certification, and certified ones of other members that wait to be applied. */
      certificationQueue: certifying,
      applierQueue: applying,
      /** Transactions that certification turned down. */
      conflicts,
      readOnly,
      error,
    },
  };
}

export const columns: readonly StatusColumn[] = [
  { head: 'state', key: 'state' },
  { head: 'online', key: 'online' },
  { head: 'quorum', key: 'quorum' },
  { head: 'view', key: 'viewId' },
  { head: 'cert q', key: 'certificationQueue' },
  { head: 'apply q', key: 'applierQueue' },
  { head: 'conflicts', key: 'conflicts' },
  { head: 'read-only', key: 'readOnly' },
];
