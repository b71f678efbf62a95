import type { Step } from '../../../cluster/plan.js';
import { ConflictError } from '../../../errors/errors.js';
import { ask, rootAt } from '../../../servers/mysqld/client.js';
import { GTIDS } from '../../../servers/mysqld/gtid.js';
import { waitUntil } from '../../../servers/wait.js';
import { askStep } from '../../ask-step.js';
import type { Setting } from '../../topology.js';
import { assertGoesOn } from '../arrival.js';
import { follow, forgetChannels } from '../channels.js';
import type { Parting } from './may-leave.js';
import { nodeNamed, onNode, wordsFor } from '../nodes.js';
import type { Move } from './reshape.js';
import { settingsOf } from '../settings.js';
import type { Link } from '../shapes.js';
import { askPosition, askState, channelFrom, hasReached } from '../state.js';
import { startReplica, stopReceiver } from '../statements.js';
import { holdWrites } from '../switchover.js';

/** Clients write on it no more: what it has is handed over. */
export function holdStep(setting: Setting, name: string): Step {
  const node = nodeNamed(setting, name);
  return askStep(
    `keep clients from writing on ${name}`,
    node,
    `SET GLOBAL ${wordsFor(setting, node).readOnly} = ON`,
    (context) => onNode(node, (session) => holdWrites(session, setting, node, context)),
  );
}

/** A node has applied all that one has that leaves, however late it applies otherwise. */
export function handOverStep(setting: Setting, link: Link): Step {
  const { replica, source } = link;
  const [to, from] = [nodeNamed(setting, replica), nodeNamed(setting, source)];
  const { gtid } = settingsOf(setting.cluster);
  return askStep(
    `wait until ${replica} has all of ${source}`,
    to,
    `it has applied all that ${source} has`,
    async (context) => {
      const position = await ask(rootAt(from.socket), 5000, (session) =>
        askPosition(session, wordsFor(setting, from), gtid),
      );
      await onNode(to, (session) =>
        waitUntil(context, async () => {
          const state = await askState(session, wordsFor(setting, to));
          const own = channelFrom(state, from.address);
          if (own === undefined || hasReached(state, own, position, 'applied')) return null;
          assertGoesOn(own, link);
          return `${replica} has not applied all of ${source} yet${own.error === null ? '' : `: ${own.error}`}`;
        }),
      );
    },
  );
}

/** A replica follows the source of the one that leaves, by GTID. */
export function moveStep({ setting, runs, shrunk, force }: Parting, { replica, to }: Move): Step {
  const [node, source] = [nodeNamed(setting, replica), nodeNamed(setting, to)];
  const words = wordsFor(setting, node);
  const link = { replica, source: to, channel: '' };
  return askStep(`let ${replica} replicate from ${to}`, node, 'CHANGE … to its source; START', ({ tell }) =>
    onNode(node, async (session) => {
      const state = await askState(session, words);
      const own = channelFrom(state, source.address);
      if (own !== undefined) {
        await session.query(startReplica(words, own.channel).sql);
        return;
      }
      if (runs(to) && shrunk.settings.shape !== 'ring') {
        const theirs = await ask(rootAt(source.socket), 5000, (other) => askState(other, wordsFor(setting, source)));
        const errant = GTIDS[words.family].subtract(state.executed, theirs.executed);
        const sentence = `${replica} has transactions that ${to} never had: ${errant}`;
        if (errant !== '' && !force) {
          throw new ConflictError(`${sentence}. It can't follow ${to}: remove it too, or say --force.`);
        }
        if (errant !== '') tell(`${sentence}.`);
      }
      await forgetChannels(session, setting, node);
      await follow(session, setting, link, 'gtid');
    }),
  );
}

/** It receives from its new source; what keeps it from that is told, and not waited for. */
export function connectedStep(setting: Setting, { replica, source }: Link): Step {
  const [node, from] = [nodeNamed(setting, replica), nodeNamed(setting, source)];
  return askStep(`see that ${replica} receives from ${source}`, node, 'the receiver runs', (context) =>
    onNode(node, (session) =>
      waitUntil(context, async () => {
        const own = channelFrom(await askState(session, wordsFor(setting, node)), from.address);
        if (own === undefined || own.receiver === 'Yes') return null;
        if (own.receiver !== 'No') return `${replica} says of its receiver: ${own.receiver}`;
        context.tell(`${replica} does not replicate from ${source}: ${own.error ?? 'its receiver is stopped'}.`);
        return null;
      }),
    ),
  );
}

/** A node that has more sources forgets one. */
export function endChannelStep(setting: Setting, { replica, source }: Link): Step {
  const [node, from] = [nodeNamed(setting, replica), nodeNamed(setting, source)];
  return askStep(`let ${replica} forget ${source}`, node, 'STOP, RESET of its channel', () =>
    onNode(node, (session) => forgetChannels(session, setting, node, (address) => address === from.address)),
  );
}

/** What it has received it keeps, as far as it can be applied without waiting for a delay. */
export function orphanStep(setting: Setting, name: string): Step {
  const node = nodeNamed(setting, name);
  const words = wordsFor(setting, node);
  const { gtid, delays } = settingsOf(setting.cluster);
  return askStep(
    `let ${name} replicate from nobody`,
    node,
    'STOP of the receiver; RESET, when all received is applied',
    (context) =>
      onNode(node, async (session) => {
        await session.query(`SET GLOBAL ${words.readOnly} = ON`);
        for (const { channel } of (await askState(session, words)).channels) {
          await session.query(stopReceiver(words, channel).sql);
        }
        await waitUntil(context, async () => {
          const { executed, channels } = await askState(session, words);
          const late = channels.find(
            ({ received, applier }) => applier === 'Yes' && GTIDS[words.family].subtract(received, executed) !== '',
          );
          return !gtid || name in delays || late === undefined ? null : `${name} has not applied all that it received`;
        });
        await forgetChannels(session, setting, node);
      }),
  );
}
