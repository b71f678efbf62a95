import { settledPart, type Cluster, type Node } from '../../cluster/cluster.js';
import { isError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { ask, rootAt } from '../../servers/mysqld/client.js';
import { readTitle } from '../../cluster/server.js';
import { GTIDS } from '../../servers/mysqld/gtid.js';
import { answersOf, askNodes } from '../ask-nodes.js';
import type { Asked, Health, StatusColumn } from '../topology.js';
import { amissWith, roleNow, splitIn } from './part.js';
import { settingsOf, type ReplicationSettings } from './settings.js';
import { MANY_SOURCES, MANY_WRITERS } from './shapes.js';
import { askState, type ChannelState, type NodeState } from './state.js';
import { wordsOf } from './words.js';

/** What nodes say of themselves, and what comes to light when a replica is held against its sources. */
export async function health(
  { machine, cluster }: Asked,
  nodes: readonly Node[],
  timeout: number,
): Promise<ReadonlyMap<string, Health | Error>> {
  const first = await askStates(machine, nodes, timeout);
  // A promote may have turned roles round between two answers.
  const isSplit = splitIn(cluster, answersOf(first)).size > 0;
  const states = isSplit ? await askStates(machine, nodes, timeout) : first;
  const healths = judgeIn(cluster, states);
  if ([...healths.values()].every(({ status }) => status.errant === null)) return withReasons(states, healths);
  // A source that was asked before its replica may have gone on meanwhile: now it is asked after it.
  const again = await askStates(machine, nodes, timeout);
  const held = new Map([...states].map(([name, state]) => [name, withLater(state, again.get(name))]));
  return withReasons(held, judgeIn(cluster, held));
}

/** For a node that did not answer the reason, for the others their health. */
function withReasons(
  states: ReadonlyMap<string, Seen | Error>,
  healths: ReadonlyMap<string, Health>,
): ReadonlyMap<string, Health | Error> {
  const reasons = [...states].flatMap(([name, said]) => (isError(said) ? [[name, said] as const] : []));
  return new Map<string, Health | Error>([...reasons, ...healths]);
}

/** The state of nodes, all asked at once. */
export function askStates(
  machine: Machine,
  nodes: readonly Node[],
  timeout: number,
): Promise<ReadonlyMap<string, NodeState | Error>> {
  return askNodes(nodes, (node) =>
    ask(rootAt(machine.reach(node.socket)), timeout, (session) => {
      const words = wordsOf(readTitle(node.server));
      if (words === null) throw new Error(`no words for ${node.server}`);
      return askState(session, words);
    }),
  );
}

/** What a node had first, which its sources are held to with what they had later. */
interface Seen extends NodeState {
  readonly later?: string;
}

function withLater(state: NodeState | Error, again: NodeState | Error | undefined): Seen | Error {
  return isError(state) || again === undefined || isError(again) ? state : { ...state, later: again.executed };
}

/** The health of every node that answered. */
export function judgeIn(cluster: Cluster, states: ReadonlyMap<string, Seen | Error>): ReadonlyMap<string, Health> {
  const settings = settingsOf(cluster);
  const answered = answersOf(states);
  const byAddress = new Map(
    cluster.nodes.flatMap(({ name, address }) => {
      const state = answered.get(name);
      return state === undefined ? [] : [[address, state] as const];
    }),
  );
  const nameOf = (address: string) => cluster.nodes.find((node) => node.address === address)?.name ?? address;
  const split = splitIn(cluster, answered);
  const stopped = new Set(cluster.nodes.flatMap(({ wanted, address }) => (wanted === 'stopped' ? [address] : [])));
  const settled = new Set(settledPart(cluster).nodes.map(({ name }) => name));
  const around = { settings, others: byAddress, nameOf, stopped };
  return new Map(
    [...answered].map(([name, state]) => {
      const amiss = split.get(name) ?? amissWith(state, settings, nameOf, name, (other) => settled.has(other));
      return [name, { ...judge(state, around, amiss), role: roleNow(state, settings, name) }];
    }),
  );
}

/** What a node is held against. */
interface Around {
  readonly settings: ReplicationSettings;
  /** By address, those that answered. */
  readonly others: ReadonlyMap<string, Seen>;
  readonly nameOf: (address: string) => string;
  /** Addresses of the nodes that are stopped on purpose. */
  readonly stopped: ReadonlySet<string>;
}

function judge(state: Seen, { settings, others, nameOf, stopped }: Around, amiss: string | null): Health {
  const { words, executed } = state;
  const channels = state.channels.map((channel) => (stopped.has(channel.address) ? excused(channel) : channel));
  const gtids = GTIDS[words.family];
  const sources = channels.flatMap(({ address }) => others.get(address) ?? []);
  const known = settings.gtid && sources.length > 0 && sources.length === channels.length;
  // With semi-sync a source commits what its replica has already.
  const theirs = gtids.union(
    sources.flatMap((source) => [source.later ?? source.executed, ...source.channels.map(({ received }) => received)]),
  );
  // Where every node takes writes, each has what the others do not have yet.
  const own = known && !MANY_WRITERS.has(settings.shape) ? gtids.subtract(executed, theirs) : '';
  // Who gathers has also what sources wrote that were removed.
  const errant = MANY_SOURCES.has(settings.shape) ? gtids.madeBy(own, state.maker) : own;
  const missing = known ? gtids.count(gtids.union(sources.map(({ passedOn }) => passedOn)), executed) : null;
  const error = joined(
    [errorOf(channels, nameOf), amiss].flatMap((text) => text ?? []),
    '; ',
  );
  const receives = ({ receiver, address }: ChannelState) => receiver === 'Yes' || stopped.has(address);
  const running = channels.every((channel) => receives(channel) && channel.applier === 'Yes');
  return {
    healthy: running && error === null && errant === '',
    status: {
      source: joined(channels.map(({ address }) => nameOf(address))),
      receiver: joined(channels.map(({ receiver }) => receiver)),
      applier: joined(channels.map(({ applier }) => applier)),
      error,
      /** Seconds between the commit on the source and now, of what is applied now: of the slowest channel. */
      secondsBehind:
        channels.length === 0 || channels.some(({ secondsBehind }) => secondsBehind === null)
          ? null
          : Math.max(...channels.map(({ secondsBehind }) => secondsBehind ?? 0)),
      delaySeconds: channels.length === 0 ? null : Math.max(...channels.map(({ delay }) => delay)),
      gtidExecuted: settings.gtid ? executed : null,
      /** How many transactions of its sources it has not applied. */
      missing,
      errant: errant === '' ? null : errant,
      readOnly: state.readOnly,
      semiSync: settings.semiSync ? state.semiSync : null,
      channels: channels.map((channel) => ({
        name: channel.channel,
        source: nameOf(channel.address),
        receiver: channel.receiver,
        applier: channel.applier,
        error: channel.error,
        secondsBehind: channel.secondsBehind,
        delaySeconds: channel.delay,
      })),
    },
  };
}

/** That it does not reach a source that is stopped on purpose is no error of a replica. */
function excused(channel: ChannelState): ChannelState {
  return channel.applier === 'Yes' ? { ...channel, error: null } : channel;
}

/** Of several channels, each that has one is named by its source. */
function errorOf(channels: readonly ChannelState[], nameOf: (address: string) => string): string | null {
  const errors = channels.flatMap(({ address, error }) => {
    if (error === null) return [];
    return channels.length === 1 ? error : `from ${nameOf(address)}: ${error}`;
  });
  return errors.length === 0 ? null : errors.join('; ');
}

/** Each once: all channels of a well replica say the same. */
function joined(words: readonly string[], by = ', '): string | null {
  return words.length === 0 ? null : [...new Set(words)].join(by);
}

export const columns: readonly StatusColumn[] = [
  { head: 'source', of: 'channels', key: 'source' },
  { head: 'io', of: 'channels', key: 'receiver' },
  { head: 'sql', of: 'channels', key: 'applier' },
  { head: 'lag', of: 'channels', key: 'secondsBehind', unit: 's' },
  { head: 'missing', key: 'missing' },
  { head: 'read-only', key: 'readOnly' },
  { head: 'semi-sync', key: 'semiSync' },
  { head: 'delay', of: 'channels', key: 'delaySeconds', unit: 's' },
  { head: 'errant transactions, which its source never had', key: 'errant', alarm: true, remedy: 'rebuild' },
];
