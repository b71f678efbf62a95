import type { AskContext, Step } from '../../../cluster/plan.js';
import { ask, rootAt, type Session } from '../../../servers/mysqld/client.js';
import { waitUntil } from '../../../servers/wait.js';
import { askStep } from '../../ask-step.js';
import type { Setting } from '../../topology.js';
import { follow, forgetChannels } from '../channels.js';
import type { Parting } from './may-leave.js';
import { nodeNamed, onNode, wordsFor } from '../nodes.js';
import type { Move } from './reshape.js';
import { askLogPosition, askState, channelFrom, hasReached, isAtLeast, type LogPosition } from '../state.js';
import { startReplica, startUntil, stopApplier } from '../statements.js';
import type { Link } from '../shapes.js';

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
          end: await askLogPosition(other, wordsFor(setting, between)),
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
 * Without GTIDs: a node follows another that has had the same source, `shared`. Both halt, who is behind goes on to where
 * the other stands, and then the binary log of the one tells where the other begins.
 */
export function stepBehindStep(setting: Setting, replica: string, source: string, shared: string): Step {
  const [node, ahead] = [nodeNamed(setting, replica), nodeNamed(setting, source)];
  const [ours, theirs] = [
    { replica, source: shared, channel: '' },
    { replica: source, source: shared, channel: '' },
  ];
  const step = async (session: Session, other: Session, context: AskContext) => {
    const [we, they] = [await halt(session, setting, ours), await halt(other, setting, theirs)];
    if (isAtLeast(we, they)) await goOnTo(other, setting, theirs, we, context);
    else await goOnTo(session, setting, ours, they, context);
    const from = await askLogPosition(other, wordsFor(setting, ahead));
    await forgetChannels(session, setting, node);
    await follow(session, setting, { replica, source, channel: '' }, from);
  };
  return askStep(
    `let ${replica} replicate from ${source} instead of ${shared}`,
    node,
    `CHANGE …, when both stand at the same place of ${shared}`,
    (context) =>
      onNode(node, (session) =>
        onNode(ahead, async (other) => {
          // Else it went further in an earlier try.
          if (await goesOn(session, setting, ours)) await step(session, other, context);
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
