import type { Cluster, Node } from '../../cluster/cluster.js';
import type { AskContext, Plan, Step } from '../../cluster/plan.js';
import { ConflictError } from '../../errors/errors.js';
import type { Session } from '../../servers/mysqld/client.js';
import { GTIDS } from '../../servers/mysqld/gtid.js';
import { numberOf } from '../../servers/said.js';
import { waitUntil } from '../../servers/wait.js';
import { askStep } from '../ask-step.js';
import type { Setting } from '../topology.js';
import { arrivalStep } from './arrival.js';
import { semiSyncStep } from './finish.js';
import { follow, forgetChannels } from './channels.js';
import { learnStep } from './growth/learn.js';
import { nodeNamed, onNode, wordsFor } from './nodes.js';
import { isReadOnly, settingsOf } from './settings.js';
import { linksOf, type Link } from './shapes.js';
import { askPosition, askState, hasReached, type NodeState } from './state.js';
import type { From } from './statements.js';

/** Who is what in a change of primary. */
export interface Change {
  /** As the cluster will be. */
  readonly setting: Setting;
  /** What the cluster may be by the my.cnf of a node: as it is, or as an earlier change left it that was broken off. */
  readonly formersOf: (node: Node) => readonly Cluster[];
  readonly from: Node;
  readonly to: Node;
  /** Of the nodes that answered. */
  readonly states: ReadonlyMap<string, NodeState>;
}

/** Nobody writes on the former primary any more, and the new one has all that it has. */
export function holdPlan(change: Change): Plan {
  const { setting, from, to } = change;
  return {
    title: `hold writes on ${from.name} until ${to.name} has them all`,
    sequence: [
      step(`let ${to.name} come close to ${from.name}`, from, (session, context) =>
        comeClose(session, change, context),
      ),
      step(`keep clients from writing on ${from.name}`, from, (session, context) =>
        holdWrites(session, setting, from, context),
      ),
      step(`wait until ${to.name} has all of ${from.name}`, from, async (session, context) => {
        await waitForAll(session, change, context);
      }),
    ],
  };
}

/** So many transactions are applied in a few tenths of a second. */
const CLOSE = 200;
/** ms, and at most half of all the time, that a replica may take to come close while writes go on; then it must catch up while they are held. */
const CLOSE_PATIENCE = 20_000;
/** ms without coming closer, after which it is slower than those who write: the longer they go on, the longer they are held. */
const NO_CLOSER = 1000;

/** Clients wait for as long as writes are held: what can be caught up before is. */
async function comeClose(session: Session, { setting, from, to }: Change, context: AskContext): Promise<void> {
  const { signal, deadline } = context;
  if (!settingsOf(setting.cluster).gtid) return;
  const [words, own] = [wordsFor(setting, from), wordsFor(setting, to)];
  const end = Date.now() + Math.min(CLOSE_PATIENCE, (deadline - Date.now()) / 2);
  const closest = { count: Infinity, at: Date.now() };
  await onNode(to, async (other) => {
    for (;;) {
      signal.throwIfAborted();
      const theirs = await askPosition(session, words, true);
      const { executed } = await askState(other, own);
      if (!('gtids' in theirs)) return;
      const count = GTIDS[words.family].count(theirs.gtids, executed);
      if (count < closest.count) Object.assign(closest, { count, at: Date.now() });
      if (count <= CLOSE || Date.now() >= Math.min(end, closest.at + NO_CLOSER)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
}

/** The former primary goes on as it was. */
export function releasePlan({ from }: Change): Plan {
  return step(`let clients write on ${from.name} again`, from, async (session) => {
    await session.query('SET GLOBAL read_only = OFF');
  });
}

/** How long a client in the middle of a transaction is waited for, s. */
const TRANSACTION_PATIENCE = 1;
const LOCK_WAIT_TIMEOUT = 1205;

/** A client that holds a transaction open is cut off: what it did was never acknowledged. */
export async function holdWrites(session: Session, setting: Setting, node: Node, context: AskContext): Promise<void> {
  const { readOnly } = wordsFor(setting, node);
  await session.query(`SET SESSION lock_wait_timeout = ${TRANSACTION_PATIENCE}`);
  await waitUntil(context, async () => {
    try {
      await session.query(`SET GLOBAL ${readOnly} = ON`);
      return null;
    } catch (error) {
      if (numberOf(error) !== LOCK_WAIT_TIMEOUT) throw error;
      await endClients(session);
      return `clients hold transactions open on ${node.name}`;
    }
  });
}

async function endClients(session: Session): Promise<void> {
  const rows = await session.query(
    "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE COMMAND IN ('Sleep', 'Query') AND USER NOT IN ('system user', 'event_scheduler') AND ID <> CONNECTION_ID()",
  );
  for (const { id } of rows) await session.query(`KILL ${Number(id)}`).catch(() => undefined);
}

/** Without GTIDs all others must have it too: they will begin where the new primary stands. */
async function waitForAll(session: Session, change: Change, context: AskContext): Promise<void> {
  const { setting, from, to, states } = change;
  const { gtid } = settingsOf(setting.cluster);
  const position = await askPosition(session, wordsFor(setting, from), gtid);
  const waiting = gtid ? [to] : setting.cluster.nodes.filter(({ name }) => name !== from.name && states.has(name));
  await Promise.all(
    waiting.map((node) =>
      onNode(node, async (own) => {
        await waitUntil(context, async () => {
          const state = await askState(own, wordsFor(setting, node));
          const error = state.channels.find((channel) => channel.error !== null)?.error;
          if (error !== undefined) throw new ConflictError(`${node.name} can't catch up: ${error}`);
          if ('gtids' in position) return compare(setting.cluster, node, state, from, position.gtids);
          const [channel] = state.channels;
          if (channel === undefined) throw new ConflictError(`${node.name} does not replicate.`);
          return hasReached(state, channel, position, 'applied')
            ? null
            : `${node.name} has not applied all of ${from.name}`;
        });
      }),
    ),
  );
}

function compare(
  { name: cluster }: Pick<Cluster, 'name'>,
  node: Node,
  { words, executed }: NodeState,
  from: Node,
  gtids: string,
): string | null {
  const { subtract } = GTIDS[words.family];
  const missing = subtract(gtids, executed);
  if (missing !== '') return `${node.name} has not applied all of ${from.name}: ${missing}`;
  const errant = subtract(executed, gtids);
  if (errant === '') return null;
  throw new ConflictError(`${node.name} has transactions that ${from.name} never had: ${errant}.`, {
    suggestions: [
      'Promoting it would send them to all others: promote another node, or give it its data anew:',
      `dbns rebuild ${cluster} ${node.name}`,
    ],
  });
}

/** The new primary takes writes, and all that answer follow it. */
export function turnPlan(change: Change): Plan {
  const { setting, formersOf, to, states } = change;
  const settings = settingsOf(setting.cluster);
  const links = linksOf(settings.sources).filter(({ replica, source }) => states.has(replica) && states.has(source));
  // Known when the new primary has stopped to replicate, and before it takes writes.
  const begin: { from?: From } = {};
  return {
    title: `make ${to.name} the primary, and let the others follow it`,
    sequence: [
      step(`let ${to.name} take writes`, to, async (session, context) => {
        begin.from = await takeOver(session, change, context);
      }),
      { parallel: setting.cluster.nodes.map((node) => learnStep(setting, node, formersOf(node), setting.cluster)) },
      { parallel: links.map((link) => repointStep(change, link, begin)) },
      { sequence: links.map((link) => arrivalStep(setting, link)) },
      ...(settings.semiSync && links.length > 0 ? [semiSyncStep(setting, to)] : []),
    ],
  };
}

/** What was received is applied first. Then clients wait for nothing more: its source is silent or dead. */
async function takeOver(session: Session, { setting, to }: Change, context: AskContext): Promise<From> {
  const words = wordsFor(setting, to);
  const { gtid, semiSync } = settingsOf(setting.cluster);
  await waitUntil(context, async () => {
    const { executed, channels } = await askState(session, words);
    const { subtract } = GTIDS[words.family];
    const left = gtid
      ? channels.map(({ received }) => subtract(received, executed)).find((text) => text !== '')
      : undefined;
    return left === undefined ? null : `${to.name} has not applied ${left}`;
  });
  const position = await askPosition(session, words, gtid);
  await session.query('SET GLOBAL read_only = OFF');
  await forgetChannels(session, setting, to);
  if (semiSync) await session.query(`SET GLOBAL ${words.semiSync.replica}_enabled = OFF`);
  return 'file' in position ? position : 'gtid';
}

/** One that follows the right source already is left alone. */
function repointStep({ setting, from, to }: Change, link: Link, begin: { readonly from?: From }): Step {
  const node = nodeNamed(setting, link.replica);
  const source = nodeNamed(setting, link.source);
  const words = wordsFor(setting, node);
  const { semiSync } = settingsOf(setting.cluster);
  return step(`let ${node.name} replicate from ${source.name}`, node, async (session) => {
    const { channels } = await askState(session, words);
    if (channels.length === 1 && channels[0]?.address === source.address) return;
    if (begin.from === undefined) throw new Error(`${to.name} has not taken over`);
    await forgetChannels(session, setting, node);
    if (isReadOnly(settingsOf(setting.cluster), node.name)) await session.query(`SET GLOBAL ${words.readOnly} = ON`);
    if (semiSync) {
      await session.query(`SET GLOBAL ${words.semiSync.source}_enabled = OFF`);
      await session.query(`SET GLOBAL ${words.semiSync.replica}_enabled = ON`);
    }
    const former = begin.from === 'gtid' && node.name === from.name;
    await follow(session, setting, link, former ? 'gtid of a former primary' : begin.from);
  });
}

function step(title: string, node: Node, work: (session: Session, context: AskContext) => Promise<void>): Step {
  return askStep(title, node, `to ${title}`, (context) => onNode(node, (session) => work(session, context)));
}
