import type { Cluster, Node } from '../../cluster/cluster.js';
import type { Plan } from '../../cluster/plan.js';
import { ConflictError, NotReadyError, UsageError } from '../../errors/errors.js';
import { GTIDS } from '../../servers/mysqld/gtid.js';
import { answersOf } from '../ask-nodes.js';
import type { Promotion, PromotionRequest } from '../topology.js';
import { askStates } from './health.js';
import { lossOf } from './loss.js';
import { roleIn, settingsOf, type ReplicationSettings } from './settings.js';
import { MANY_WRITERS } from './shapes.js';
import type { NodeState } from './state.js';
import { holdPlan, releasePlan, turnPlan, type Change } from './switchover.js';

/** How long a node may take to say how it stands, ms. */
const ANSWER_TIMEOUT = 2000;

/** Plans the change; a cluster that is half-way through an earlier one is brought to its end. */
export async function promote({ setting, node, force }: PromotionRequest): Promise<Promotion> {
  const { machine, cluster } = setting;
  const settings = settingsOf(cluster);
  const former = primaryOf(cluster, settings) ?? node;
  assertSuits(settings, node.name);
  assertUnfiltered(settings, node.name);
  const states = answersOf(await askStates(machine, cluster.nodes, ANSWER_TIMEOUT));
  const ours = states.get(node.name);
  if (ours === undefined)
    throw new NotReadyError(`${node.name} does not answer.`, { suggestions: [`dbns status ${cluster.name}`] });
  const theirs = states.get(former.name);
  const after = promoted(cluster, settings, former.name, node.name);
  const change: Change = {
    ...{ setting: { ...setting, cluster: after }, from: former, to: node, states },
    formersOf: ({ name }) => [cluster, promoted(cluster, settings, former.name, name)],
  };
  const warnings = cluster.nodes
    .filter(({ name }) => !states.has(name) && name !== former.name)
    .map(({ name }) => `${name} does not answer, and is told nothing: run the same command again when it does.`);
  const common = { undo: releasePlan(change), turn: turnPlan(change), cluster: after, warnings };
  if (former.name === node.name) {
    if (settings.orphans.length > 0) assertSucceeds(settings, node.name, states);
    return { ...common, prepare: NOTHING, loss: null };
  }
  if (theirs !== undefined && hasTakenOver(cluster, node.name, ours, theirs)) {
    assertKnownWhere(settings, node.name, former.name);
    return { ...common, prepare: NOTHING, loss: null };
  }
  if (theirs !== undefined) {
    if (force) throw new ConflictError(`${former.name} is alive: without --force nothing is lost.`);
    assertFollows(node.name, ours);
    return { ...common, prepare: holdPlan(change), loss: null };
  }
  assertForced(force, former.name, settings, cluster.name, node.name);
  assertApplies(node.name, ours);
  assertMostAdvanced(node.name, states);
  return {
    ...common,
    prepare: NOTHING,
    loss: await lossOf(setting, former, ours),
    warnings: [
      ...warnings,
      `${former.name} is a replica from now on: 'dbns start' lets it follow, or keeps it apart if it has what the others have not.`,
    ],
  };
}

const NOTHING: Plan = { sequence: [] };

/**
 * A change that was cut short had come so far that clients write on the new primary. The former one is held still, and must stay so:
 * whoever asked again whether the new one has no more than it would let both take writes.
 */
function hasTakenOver({ turn }: Cluster, to: string, ours: NodeState, theirs: NodeState): boolean {
  const { subtract } = GTIDS[ours.words.family];
  const isHeld = theirs.readOnly && subtract(theirs.executed, ours.executed) === '';
  return turn?.to === to && ours.channels.length === 0 && !ours.readOnly && isHeld;
}

function assertKnownWhere({ gtid }: ReplicationSettings, to: string, former: string): void {
  if (gtid) return;
  throw new ConflictError(
    `${to} has taken over, and without GTIDs nobody can tell any more where ${former} goes on in its binary log.`,
  );
}

/** Nobody where the primary was removed by force. */
function primaryOf(cluster: Cluster, settings: ReplicationSettings): Node | undefined {
  const { shape } = settings;
  if (MANY_WRITERS.has(shape))
    throw new UsageError(`Every node of the shape ${shape} takes writes: there is no primary to promote.`);
  if (shape === 'fan-in')
    throw new UsageError('A fan-in has a primary for each part of its data: none can stand in for all.');
  return cluster.nodes.find(({ name }) => roleIn(settings, name) === 'primary');
}

/** The first of those whom a primary that was removed left behind. */
function assertSucceeds({ gtid }: ReplicationSettings, name: string, states: ReadonlyMap<string, NodeState>): void {
  if (!gtid) throw new UsageError('The primary was removed, and without GTIDs nobody can tell what its replicas have.');
  assertMostAdvanced(name, states);
}

/** What a node leaves out or has not applied yet would be lost with it as the primary. */
function assertSuits({ delays }: ReplicationSettings, name: string): void {
  if (delays[name] !== undefined) throw new UsageError(`${name} applies ${delays[name]} s late: promote another node.`);
}

/** Its own filter, or one on the way to it: its GTIDs would say that it has all. */
function assertUnfiltered({ filters, sources }: ReplicationSettings, name: string): void {
  for (let at: string | undefined = name; at !== undefined; [at] = sources[at] ?? []) {
    const patterns = filters[at];
    if (patterns === undefined) continue;
    const gets = at === name ? 'replicates' : `gets through ${at}`;
    throw new UsageError(`${name} ${gets} ${patterns.join(', ')} alone: promote a node that has all data.`);
  }
}

/** The primary steps back in order: its successor must be catching up. */
function assertFollows(name: string, { channels }: NodeState): void {
  for (const { receiver, applier, error } of channels) {
    if (receiver === 'Yes' && applier === 'Yes') continue;
    const why = error === null ? '' : `, ${error}`;
    throw new ConflictError(`${name} does not replicate now: receiver ${receiver}, applier ${applier}${why}.`);
  }
}

/** What was received is applied first; the receiver may well have lost its source. */
function assertApplies(name: string, { channels }: NodeState): void {
  for (const { applier, error } of channels) {
    if (applier === 'Yes') continue;
    throw new ConflictError(`${name} does not apply what it received: applier ${applier}, ${error ?? 'no error'}.`);
  }
}

function assertForced(
  force: boolean,
  former: string,
  settings: ReplicationSettings,
  cluster: string,
  name: string,
): void {
  if (!force) {
    throw new ConflictError(`${former}, the primary, does not answer: what it alone has would be lost.`, {
      suggestions: [`dbns promote ${cluster} ${name} --force`],
    });
  }
  if (!settings.gtid)
    throw new UsageError('--force goes by GTIDs: without them nobody can tell what the replicas have.');
}

/** Nobody may have more, received or applied: it would have to be thrown away. */
function assertMostAdvanced(name: string, states: ReadonlyMap<string, NodeState>): void {
  const had = (state: NodeState) =>
    GTIDS[state.words.family].union([state.executed, ...state.channels.map(({ received }) => received)]);
  const ours = states.get(name);
  if (ours === undefined) return;
  const gtids = GTIDS[ours.words.family];
  const ahead = [...states]
    .map(([other, state]) => ({ other, more: gtids.count(had(state), had(ours)) }))
    .sort((a, b) => b.more - a.more)[0];
  if (ahead === undefined || ahead.more === 0) return;
  throw new ConflictError(
    `${ahead.other} has ${ahead.more} transactions that ${name} has not: promote ${ahead.other}.`,
  );
}

/** Whoever followed the former primary follows the new one, as it does itself. */
function promoted(cluster: Cluster, settings: ReplicationSettings, from: string, to: string): Cluster {
  const moved = (name: string, own: readonly string[]) => {
    if (name === to) return [];
    const follows = name === from || own.includes(from) || settings.orphans.includes(name);
    return follows ? [to] : [...own];
  };
  const sources = Object.fromEntries(Object.entries(settings.sources).map(([name, own]) => [name, moved(name, own)]));
  const after = { ...settings, sources, orphans: [] };
  return {
    ...cluster,
    settings: after,
    nodes: cluster.nodes.map((node) => ({ ...node, role: roleIn(after, node.name) })),
  };
}
