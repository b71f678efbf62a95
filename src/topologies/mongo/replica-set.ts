import type { Cluster, Node } from '../../cluster/cluster.js';
import type { ServerBuild } from '../../cluster/server.js';
import { has } from '../../servers/mongod/capabilities.js';
import type { Document } from '../../servers/mongod/client.js';
import { PORT } from '../../servers/mongod/pristine.js';
import { CONFIG_SERVERS, ROUTERS, priorityOf, votersOf, type MongoSettings } from './settings.js';

/** The members of one replica set of a cluster: the cluster itself, a shard, or the config servers. */
export interface ReplicaSet {
  readonly name: string;
  /** null when the set is the whole cluster. */
  readonly group: string | null;
  readonly members: readonly Node[];
  /** Who is made its primary when the set is made. */
  readonly first: Node;
}

/** The name of the set that is a whole cluster, and of a part. */
export const setName = (group: string | null) => group ?? 'rs0';

export function setsOf({ nodes }: Pick<Cluster, 'nodes'>): readonly ReplicaSet[] {
  const groups = new Set(nodes.map(({ group }) => group));
  groups.delete(ROUTERS);
  return [...groups].map((group) => setOf(nodes, group));
}

function setOf(nodes: readonly Node[], group: string | null): ReplicaSet {
  const members = nodes.filter((node) => node.group === group);
  const first = members.find(({ role }) => role === 'primary') ?? members[0];
  if (first === undefined) throw new Error(`the set ${setName(group)} has no members`);
  return { name: setName(group), group, members, first };
}

/** The set that a node is a member of; null for a router. */
export function setOfNode(cluster: Pick<Cluster, 'nodes'>, { group }: Pick<Node, 'group'>): ReplicaSet | null {
  return group === ROUTERS ? null : setOf(cluster.nodes, group);
}

export function configServersOf(cluster: Pick<Cluster, 'nodes'>): ReplicaSet | null {
  return setsOf(cluster).find(({ group }) => group === CONFIG_SERVERS) ?? null;
}

export function shardsOf(cluster: Pick<Cluster, 'nodes'>): readonly ReplicaSet[] {
  return setsOf(cluster).filter(({ group }) => group !== null && group !== CONFIG_SERVERS);
}

export function routersOf({ nodes }: Pick<Cluster, 'nodes'>): readonly Node[] {
  return nodes.filter(({ group }) => group === ROUTERS);
}

/** `rs0/10.200.0.2:27017,10.200.0.3:27017`, as routers and config servers name a set. */
export function setText({ name, members }: ReplicaSet): string {
  const told = members.filter(({ role }) => role !== 'arbiter');
  return `${name}/${told.map(({ address }) => `${address}:${PORT}`).join(',')}`;
}

/** Members of a set that keep its data. */
export function dataMembers({ members }: ReplicaSet): readonly Node[] {
  return members.filter(({ role }) => role !== 'arbiter');
}

/** Of members those that applications see: hidden ones, and delayed ones with them, are not for them. */
export function shownMembers({ hidden, delays }: MongoSettings, members: readonly Node[]): readonly Node[] {
  return members.filter(({ name, role }) => role !== 'arbiter' && !hidden.includes(name) && delays[name] === undefined);
}

/** Milliseconds of a set's elections and heartbeats. */
export const TIMINGS = {
  /** While it forms. */
  forming: { electionTimeoutMillis: 10_000, heartbeatIntervalMillis: 100, catchUpTimeoutMillis: 0 },
  /** The server's defaults. */
  standing: { electionTimeoutMillis: 10_000, heartbeatIntervalMillis: 2000, catchUpTimeoutMillis: -1 },
} as const;

/** A set's configuration but for its version; members are advertised by address. */
export function configOf(
  { name, group, members }: ReplicaSet,
  settings: MongoSettings,
  serverOfNode: (node: Node) => Pick<ServerBuild, 'version'>,
  timings: Document,
): Document {
  const voters = votersOf(settings, members);
  return {
    _id: name,
    protocolVersion: 1,
    ...(group === CONFIG_SERVERS && { configsvr: true }),
    members: members.map((node, position) => ({
      _id: position,
      ...entryOf(node, settings, voters.has(node.name), serverOfNode(node)),
    })),
    settings: timings,
  };
}

/** A member's part of the configuration but for its number. */
export function entryOf(
  { name, address, role }: Node,
  settings: MongoSettings,
  votes: boolean,
  server: Pick<ServerBuild, 'version'>,
): Document {
  const host = `${address}:${PORT}`;
  if (role === 'arbiter') return { host, arbiterOnly: true, votes: 1, priority: 0 };
  const delay = settings.delays[name];
  return {
    host,
    votes: votes ? 1 : 0,
    priority: votes ? priorityOf(settings, name) : 0,
    // A delayed member answers with the past: applications must not find it.
    hidden: settings.hidden.includes(name) || delay !== undefined,
    ...(settings.tags[name] !== undefined && { tags: settings.tags[name] }),
    ...(delay !== undefined && { [has(server, 'secondaryDelaySecs') ? 'secondaryDelaySecs' : 'slaveDelay']: delay }),
  };
}
