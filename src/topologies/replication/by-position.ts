import type { AskContext, Step } from '../../cluster/plan.js';
import { ask, rootAt, type Session } from '../../servers/mysqld/client.js';
import { waitUntil } from '../../servers/wait.js';
import { askStep } from '../ask-step.js';
import type { Setting } from '../topology.js';
import { follow, forgetChannels } from './channels.js';
import type { Parting } from './may-leave.js';
import { nodeNamed, onNode, wordsFor } from './nodes.js';
import type { Move } from './reshape.js';
import { askPosition, askState, channelFrom, hasReached, isAtLeast, type LogPosition } from './state.js';
import { startReplica, startUntil, stopApplier } from './statements.js';
import type { Link } from './shapes.js';

/**
 * Without GTIDs: when the one that leaves applies no more, and its replica has all that it has, both stand at the same
 * place in the binary log of its source.
 */
export function moveByPositionStep({ setting }: Pick<Parting, 'setting'>, { replica, from, to }: Move): Step {
  const [node, between] = [nodeNamed(setting, replica), nodeNamed(setting, from)];
  const words = wordsFor(setting, node);
  return askStep(
    `let ${replica} replicate from ${to}`,
    node,
    `CHANGE … to where ${from} stands in the binary log of ${to}`,
    (context) =>
      onNode(node, async (session) => {
        if (await goesOn(session, setting, { replica, source: to, channel: '' })) return;
        const { stood, end } = await ask(rootAt(between.socket), 30_000, async (other) => ({
          stood: await halt(other, setting, { replica: from, source: to, channel: '' }),
          end: await askPosition(other, wordsFor(setting, between), false),
        }));
        await waitUntil(context, async () => {
          const state = await askState(session, words);
          const own = channelFrom(state, between.address);
          if (own === undefined || hasReached(state, own, end, 'applied')) return null;
          return `${replica} has not applied all of ${from} yet${own.error === null ? '' : `: ${own.error}`}`;
        });
        await forgetChannels(session, setting, node);
        await follow(session, setting, { replica, source: to, channel: '' }, stood);
      }),
  );
}

/**
 * Without GTIDs: a node follows `link.source`, which follows the same source as it does until now. Both halt, who is
 * behind goes on to where the other stands, and then the binary log of the one tells where the other begins.
 */
export function stepBehindStep(setting: Setting, link: Link, shared: string): Step {
  const [node, source] = [nodeNamed(setting, link.replica), nodeNamed(setting, link.source)];
  return askStep(
    `let ${node.name} replicate from ${source.name} instead of ${shared}`,
    node,
    'CHANGE … when both stand at the same place',
    (context) =>
      onNode(node, (session) =>
        onNode(source, async (other) => {
          const [ours, theirs] = [node, source].map(({ name }) => ({ replica: name, source: shared, channel: '' }));
          if (ours === undefined || theirs === undefined) return;
          if (!(await goesOn(session, setting, link))) {
            const [we, they] = [await halt(session, setting, ours), await halt(other, setting, theirs)];
            if (isAtLeast(we, they)) await goOnTo(other, setting, theirs, we, context);
            else await goOnTo(session, setting, ours, they, context);
            const from = await askPosition(other, wordsFor(setting, source), false);
            if (!('file' in from)) return;
            await forgetChannels(session, setting, node);
            await follow(session, setting, link, from);
          }
          await goesOn(other, setting, theirs);
        }),
      ),
  );
}

/** Whether a node follows another already; then it goes on. */
async function goesOn(session: Session, setting: Setting, { replica, source }: Link): Promise<boolean> {
  const words = wordsFor(setting, nodeNamed(setting, replica));
  const own = channelFrom(await askState(session, words), nodeNamed(setting, source).address);
  if (own === undefined) return false;
  await session.query(startReplica(words, own.channel).sql);
  return true;
}

/** Where a node stands in the binary log of its source, and stays. */
async function halt(session: Session, setting: Setting, { replica, source }: Link): Promise<LogPosition> {
  const words = wordsFor(setting, nodeNamed(setting, replica));
  const { address } = nodeNamed(setting, source);
  const own = channelFrom(await askState(session, words), address);
  if (own === undefined) throw new Error(`${replica} does not replicate from ${source}`);
  await session.query(stopApplier(words, own.channel).sql);
  return channelFrom(await askState(session, words), address)?.appliedTo ?? own.appliedTo;
}

async function goOnTo(
  session: Session,
  setting: Setting,
  { replica, source }: Link,
  position: LogPosition,
  context: AskContext,
): Promise<void> {
  const words = wordsFor(setting, nodeNamed(setting, replica));
  const { address } = nodeNamed(setting, source);
  const own = channelFrom(await askState(session, words), address);
  if (own === undefined || isAtLeast(own.appliedTo, position)) return;
  const { sql, values } = startUntil(words, own.channel, position);
  await session.query(sql, values);
  await waitUntil(context, async () => {
    const now = channelFrom(await askState(session, words), address);
    return now?.applier === 'No' ? null : `${replica} has not come to ${position.file}:${position.position} yet`;
  });
}
