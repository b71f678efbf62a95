import type { Node } from '../../cluster/cluster.js';
import type { Plan, Step } from '../../cluster/plan.js';
import { ConflictError, isError, NotReadyError, UsageError } from '../../errors/errors.js';
import { GTIDS, singleGtids } from '../../servers/mysqld/gtid.js';
import { askStep } from '../ask-step.js';
import type { Acceptance } from '../rebuild.js';
import type { Setting } from '../topology.js';
import { arrivalStep } from './arrival.js';
import { follow, forgetChannels } from './channels.js';
import { askStates } from './health.js';
import { onNode, wordsFor } from './nodes.js';
import { isReadOnly, roleIn, settingsOf } from './settings.js';
import { linksOf, type Link } from './shapes.js';
import { askState, channelFrom, type NodeState } from './state.js';
import { startReplica } from './statements.js';

/** How long a node may take to say what it has, ms. */
const ANSWER_TIMEOUT = 5000;
/** Each takes a commit on the primary. */
const MOST = 10_000;

/**
 * Commits an empty transaction on the primary for each that the node alone has: by their GTIDs all have them then, and what
 * they changed stays on the node alone.
 */
export async function accept(setting: Setting, node: Node): Promise<Acceptance> {
  const { cluster } = setting;
  const settings = settingsOf(cluster);
  assertByGtid(setting, node);
  const primary = cluster.nodes.find(({ name }) => roleIn(settings, name) === 'primary');
  if (primary === undefined) throw new ConflictError(`'${cluster.name}' has no primary: promote a node first.`);
  // The primary is asked after it, and what was received counts as its: what it is about to commit is not taken for the node's own.
  const ours = await stateOf(setting, node);
  const theirs = await stateOf(setting, primary);
  const received = ours.channels.map((channel) => channel.received);
  const own = GTIDS.mysql.subtract(ours.executed, GTIDS.mysql.union([theirs.executed, ...received]));
  const count = GTIDS.mysql.count(own, '');
  if (count > MOST) {
    throw new ConflictError(`${node.name} has ${count} transactions that ${primary.name} never had: that is no slip.`, {
      suggestions: [`dbns rebuild ${cluster.name} ${node.name}`],
    });
  }
  const link = linksOf(settings.sources).find(({ replica }) => replica === node.name);
  return {
    notes: [
      own === ''
        ? `${node.name} has nothing that ${primary.name} never had.`
        : `${count === 1 ? 'An empty transaction stands' : `${count} empty transactions stand`} for ${own} on ${primary.name}; what ${count === 1 ? 'it' : 'they'} changed on ${node.name} stays there alone.`,
    ],
    plan: {
      title: `accept what ${node.name} alone has`,
      sequence: [skipStep(primary, own), ...(link === undefined ? [] : followPlan(setting, node, link))],
    },
  };
}

/** MariaDB numbers the transactions of a domain in one line: none can be put in where others have gone on. */
function assertByGtid(setting: Setting, node: Node): void {
  if (wordsFor(setting, node).family === 'mariadb')
    throw new UsageError(
      'MariaDB numbers the transactions of a domain one after another, so none can be put in later: rebuild it without --accept.',
    );
  if (!settingsOf(setting.cluster).gtid)
    throw new UsageError('Without GTIDs nobody can tell what a node alone has: rebuild it without --accept.');
}

async function stateOf({ machine, cluster }: Setting, node: Node): Promise<NodeState> {
  const state = (await askStates(machine, [node], ANSWER_TIMEOUT)).get(node.name);
  if (state !== undefined && !isError(state)) return state;
  throw new NotReadyError(`${node.name} does not answer.`, {
    suggestions: [`dbns start ${cluster.name} ${node.name}`],
  });
}

/** Source: refman "Injecting empty transactions". */
function skipStep(primary: Node, own: string): Step {
  return askStep(
    `commit empty transactions on ${primary.name}`,
    primary,
    `for each of ${own || 'none'}: SET GTID_NEXT; BEGIN; COMMIT`,
    ({ signal }) =>
      onNode(primary, async (session) => {
        for (const gtid of singleGtids(own)) {
          signal.throwIfAborted();
          await session.query('SET SESSION gtid_next = ?', [gtid]);
          await session.query('BEGIN');
          await session.query('COMMIT');
        }
        await session.query("SET SESSION gtid_next = 'AUTOMATIC'");
      }),
  );
}

/** One that was kept apart replicates again. */
function followPlan(setting: Setting, node: Node, link: Link): readonly Plan[] {
  const words = wordsFor(setting, node);
  const step = askStep(
    `let ${node.name} replicate from ${link.source}`,
    node,
    'CHANGE … where it does not; START',
    () =>
      onNode(node, async (session) => {
        const source = setting.cluster.nodes.find(({ name }) => name === link.source);
        const channel = channelFrom(await askState(session, words), source?.address ?? '');
        if (channel !== undefined) {
          await session.query(startReplica(words, channel.channel).sql);
          return;
        }
        if (isReadOnly(settingsOf(setting.cluster), node.name))
          await session.query(`SET GLOBAL ${words.readOnly} = ON`);
        await forgetChannels(session, setting, node);
        await follow(session, setting, link, 'gtid');
      }),
  );
  return [step, arrivalStep(setting, link)];
}
