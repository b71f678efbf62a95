import { wantedNodes, type Node } from '../../cluster/cluster.js';
import { isError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { ask, rootAt } from '../../servers/mysqld/client.js';
import { answersOf, askNodes } from '../ask-nodes.js';
import { splitBrain } from '../split-brain.js';
import type { Asked, Health, StatusColumn } from '../topology.js';
import { namerOf, type NameOf } from '../transitions.js';
import { askMember, askView, hasQuorum, type Member, type View } from './member.js';

/** What a member says of itself and of the group. */
export function askMemberAt(machine: Machine, { socket }: Node, timeout: number): Promise<Member> {
  return ask(rootAt(machine.reach(socket)), timeout, askMember);
}

/** The same without what a server may be slow to tell. */
export function askViewAt(machine: Machine, { socket }: Node, timeout: number): Promise<View> {
  return ask(rootAt(machine.reach(socket)), timeout, askView);
}

export async function health(
  { machine, cluster }: Asked,
  nodes: readonly Node[],
  timeout: number,
): Promise<ReadonlyMap<string, Health | Error>> {
  const members = await askNodes(nodes, (node) => askMemberAt(machine, node, timeout));
  const split = splitIn(answersOf(members));
  const nameOf = namerOf(cluster);
  return new Map(
    [...members].map(([name, member]) => [
      name,
      isError(member) ? member : judge(member, wantedNodes(cluster).length, split.get(name), nameOf),
    ]),
  );
}

/** Members that take writes in groups that know nothing of each other: what was made of one by force, twice. */
export function splitIn(members: ReadonlyMap<string, View>): ReadonlyMap<string, string> {
  const writers = [...members].filter(
    ([, member]) => member.role === 'PRIMARY' && !member.readOnly && hasQuorum(member) === true,
  );
  const peersOf = new Map(writers.map(([name, { peers }]) => [name, peers]));
  const idOf = new Map(writers.map(([name, { id }]) => [name, id]));
  return splitBrain([...peersOf.keys()], (one, other) => peersOf.get(one)?.includes(idOf.get(other) ?? '') === true);
}

/** What is amiss with a member's part, which its server does not call an error; null when nothing is. */
function amissWith(member: Member): string | null {
  const { state, role, members, reached, readOnly } = member;
  if (hasQuorum(member) === false) return `no quorum: it reaches ${reached} of ${members} members`;
  if (readOnly || role === 'PRIMARY') return null;
  if (state === 'ONLINE') return 'is a secondary that takes writes: super_read_only is OFF';
  return state === 'OFFLINE' ? 'takes writes outside of the group: super_read_only is OFF' : null;
}

/** Well is: ONLINE, in a group that has a quorum and is whole: of `nodes`, those that are wanted. */
export function judge(member: Member, nodes: number, split?: string, nameOf: NameOf = (address) => address): Health {
  const { state, role, viewId, online, certifying, applying, conflicts, readOnly } = member;
  const quorum = hasQuorum(member);
  const error = split ?? amissWith(member) ?? member.error;
  return {
    healthy: state === 'ONLINE' && quorum === true && online >= nodes && error === null,
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
      /** The others, as it sees them. */
      members: member.others.map((other) => ({ node: nameOf(other.host), state: other.state })),
      error,
    },
  };
}

export const columns: readonly StatusColumn[] = [
  { head: 'state', key: 'state' },
  { head: 'online', key: 'online' },
  { head: 'quorum', key: 'quorum' },
  { head: 'apply q', key: 'applierQueue' },
  { head: 'cert q', key: 'certificationQueue' },
  { head: 'conflicts', key: 'conflicts' },
  { head: 'read-only', key: 'readOnly' },
  { head: 'view', key: 'viewId' },
];
