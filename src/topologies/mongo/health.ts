import { settledPart, type Cluster, type Node } from '../../cluster/cluster.js';
import { isError } from '../../errors/errors.js';
import { ask, type Session } from '../../servers/mongod/client.js';
import { PORT } from '../../servers/mongod/pristine.js';
import { answersOf, askNodes } from '../ask-nodes.js';
import { splitBrain } from '../split-brain.js';
import type { Asked, Health, StatusColumn } from '../topology.js';
import { SERVING, askMember, optimeOf, type Member } from './member.js';
import { askRouter, type Router } from './router.js';
import { setsOf } from './replica-set.js';
import { ROUTERS } from './settings.js';
import { targetOf } from './target.js';

export async function health(
  asked: Asked,
  nodes: readonly Node[],
  timeout: number,
): Promise<ReadonlyMap<string, Health | Error>> {
  const first = await askAll(asked, nodes, timeout);
  if (splitIn(asked.cluster, answersOf(first)).size === 0) return first;
  // An election may have gone on between two answers.
  const again = await askAll(asked, nodes, timeout);
  return withErrors(again, splitIn(asked.cluster, answersOf(again)));
}

function askAll(asked: Asked, nodes: readonly Node[], timeout: number): Promise<ReadonlyMap<string, Health | Error>> {
  const { cluster } = asked;
  return askNodes(nodes, (node) =>
    ask(targetOf(asked, node), timeout, async (session) =>
      node.group === ROUTERS
        ? judgeRouter(await askRouter(session), cluster)
        : judgeMember(
            await askMember(session, node),
            await oplogWindow(session, node),
            namer(cluster),
            stoppedBeside(cluster, node),
          ),
    ),
  );
}

/** Primaries of one set. One that was cut off goes on for ten seconds, and what it takes is rolled back later. */
export function splitIn(cluster: Cluster, answered: ReadonlyMap<string, Health>): ReadonlyMap<string, string> {
  const isPrimary = ({ name }: Node) => answered.get(name)?.role === 'primary';
  return new Map(
    setsOf(cluster).flatMap(({ members }) => [...splitBrain(members.filter(isPrimary).map(({ name }) => name))]),
  );
}

export function withErrors(
  healths: ReadonlyMap<string, Health | Error>,
  errors: ReadonlyMap<string, string>,
): ReadonlyMap<string, Health | Error> {
  return new Map(
    [...healths].map(([name, health]) => {
      const error = errors.get(name);
      if (error === undefined || isError(health)) return [name, health];
      return [name, { ...health, healthy: false, status: { ...health.status, error } }];
    }),
  );
}

/** Seconds between the first and the last entry of a member's oplog; null where there is none. */
export async function oplogWindow(session: Session, { role }: Node): Promise<number | null> {
  if (role === 'arbiter') return null;
  const oplog = session.db('local').collection('oplog.rs');
  const ends = [1, -1].map((order) =>
    oplog.findOne({}, { sort: { $natural: order as 1 | -1 }, projection: { ts: 1 } }),
  );
  const [from, to] = (await Promise.all(ends)).map((entry) => optimeOf(entry?.ts));
  return from == null || to == null ? null : to.seconds - from.seconds;
}

type Namer = (address: string) => string;

/** HOST:PORT of a member → its name. */
function namer({ nodes }: Cluster): Namer {
  const names = new Map(nodes.map(({ name, address }) => [`${address}:${PORT}`, name]));
  return (address) => names.get(address) ?? address;
}

/** The members of a node's set that are wanted stopped, by name. */
function stoppedBeside({ nodes }: Cluster, { group }: Node): readonly string[] {
  return nodes.filter((node) => node.group === group && node.wanted === 'stopped').map(({ name }) => name);
}

/** Well is: PRIMARY, SECONDARY or ARBITER, in a set that has a primary. */
export function judgeMember(
  member: Member,
  oplogWindow: number | null,
  nameOf: Namer,
  stopped: readonly string[] = [],
): Health {
  const { state, primary, syncSource, optime, electionDate, ...rest } = member;
  const isWell = SERVING.has(state);
  return {
    healthy: isWell && primary !== null,
    ...(isWell && { role: state.toLowerCase() }),
    status: {
      state,
      primary: primary === null ? null : nameOf(primary),
      votes: rest.votes,
      priority: rest.priority,
      hidden: rest.hidden,
      delay: rest.delay,
      syncSource: syncSource === null ? null : nameOf(syncSource),
      optime: optime === null ? null : `${optime.seconds}:${optime.increment}`,
      lag: rest.lag,
      term: rest.term,
      electionDate,
      oplogWindow,
      error: errorOf(member, nameOf, stopped),
    },
  };
}

/**
 * What is amiss, in one line. A member that is merely down is told by its own row, and one that is refused is not; those
 * that are to be stopped are no wonder.
 */
function errorOf(
  { state, primary, message, unreachable }: Member,
  nameOf: Namer,
  stopped: readonly string[],
): string | null {
  const refused = Object.entries(unreachable).filter(
    ([address, why]) => !stopped.includes(nameOf(address)) && (primary === null || /auth/i.test(why)),
  );
  const alone = stopped.length === 0 ? '' : ` (stopped: ${stopped.join(', ')})`;
  const words = [
    ...(SERVING.has(state) ? [] : [`is ${state}${message === null ? '' : `: ${message}`}`]),
    ...(primary === null && state !== 'REMOVED' ? [`sees no primary${alone}`] : []),
    ...refused.map(([address, why]) => `can't reach ${nameOf(address)}: ${why}`),
  ];
  return words.length === 0 ? null : words.join('; ');
}

/** Well is one that knows all shards that have come. */
export function judgeRouter({ shards, chunks, balancer, balancing }: Router, cluster: Cluster): Health {
  const wanted = new Set(
    settledPart(cluster)
      .nodes.map(({ group }) => group)
      .filter((group) => group?.startsWith('shard') === true),
  );
  const missing = [...wanted].filter((group) => group !== null && !shards.includes(group));
  return {
    healthy: missing.length === 0,
    status: {
      shards: shards.join(', '),
      chunks:
        Object.entries(chunks)
          .map(([name, count]) => `${name} ${count}`)
          .join(', ') || null,
      balancer: balancing ? `${balancer}, at work` : balancer,
      error: missing.length === 0 ? null : `does not know ${missing.join(', ')}`,
    },
  };
}

export const columns: readonly StatusColumn[] = [
  { head: 'state', key: 'state' },
  { head: 'lag', key: 'lag', unit: 's' },
  { head: 'shards', key: 'shards' },
  { head: 'sync source', key: 'syncSource' },
  { head: 'priority', key: 'priority' },
  { head: 'votes', key: 'votes' },
  { head: 'term', key: 'term' },
  { head: 'oplog', key: 'oplogWindow', unit: 's' },
  { head: 'chunks', key: 'chunks' },
  { head: 'balancer', key: 'balancer' },
];
