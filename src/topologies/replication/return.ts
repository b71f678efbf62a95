import type { AskContext, Step } from '../../cluster/plan.js';
import type { Session } from '../../servers/mysqld/client.js';
import { whenUp } from '../../servers/mysqld/up.js';
import { waitUntil } from '../../servers/wait.js';
import { askStep } from '../ask-step.js';
import type { Setting } from '../topology.js';
import { lacking } from './arrival.js';
import { follow, forgetChannels } from './channels.js';
import { needOf, type Need } from './need.js';
import { nodeNamed, onNode, wordsFor } from './nodes.js';
import { settingsOf } from './settings.js';
import type { Link } from './shapes.js';
import { askState, channelFrom, stoppedIn } from './state.js';
import { startReceiver, startReplica, stopReceiver } from './statements.js';

/** A replica finds its source again, or the one that it is to have by now; `started`: it was the replica that was away. */
export function reconnectStep(setting: Setting, link: Link, started: boolean): Step {
  const [to, from] = [nodeNamed(setting, link.replica), nodeNamed(setting, link.source)];
  return askStep(
    `let ${to.name} replicate from ${from.name} again`,
    to,
    `when ${from.name} answers: connect; follow it, where another was its source and it has nothing that ${from.name} lacks`,
    (context) =>
      whenUp(context, to, async (session) => {
        const replica = await askState(session, wordsFor(setting, to));
        const { executed } = await whenUp(context, from, (other) => askState(other, wordsFor(setting, from)));
        const pair = { replica, source: { address: from.address, executed }, started };
        await meet(needOf(pair, settingsOf(setting.cluster)), { setting, link, started }, session, context);
      }),
  );
}

async function meet(
  need: Need,
  { setting, link, started }: { readonly setting: Setting; readonly link: Link; readonly started: boolean },
  session: Session,
  { tell }: AskContext,
): Promise<void> {
  const { replica, source } = link;
  const words = wordsFor(setting, nodeNamed(setting, replica));
  switch (need.do) {
    case 'nothing':
      return;
    case 'connect':
      await session.query(stopReceiver(words, need.channel.channel).sql);
      // Of one that lives the applier may be stopped because somebody wanted that.
      await session.query((started ? startReplica : startReceiver)(words, need.channel.channel).sql);
      return;
    case 'follow':
      await session.query(`SET GLOBAL ${words.readOnly} = ON`);
      await forgetChannels(session, setting, nodeNamed(setting, replica));
      await follow(session, setting, link, 'gtid of a former primary');
      tell(`${replica} replicates from ${source} now, which became its source meanwhile.`);
      return;
    case 'part':
      await session.query(`SET GLOBAL ${words.readOnly} = ON`);
      tell(
        `${replica} has transactions that ${source} never had: ${need.own}. It stays read-only and apart: dbns rebuild ${setting.cluster.name} ${replica}`,
      );
  }
}

/** It has caught up, as far as it can: what keeps it from going on is not waited for, and told unless `halts` does something else. */
export function caughtUpStep(setting: Setting, link: Link, halts?: (sentence: string) => never): Step {
  const [to, from] = [nodeNamed(setting, link.replica), nodeNamed(setting, link.source)];
  return askStep(
    `wait until ${to.name} has caught up with ${from.name}`,
    to,
    `both threads run, and it has all that ${from.name} has`,
    async (context) => {
      const lacks = await lacking(setting, link);
      await onNode(to, async (session) => {
        await waitUntil(context, async () => {
          const state = await askState(session, wordsFor(setting, to));
          const own = channelFrom(state, from.address);
          if (own === undefined) {
            halts?.(`${to.name} does not replicate from ${from.name}.`);
            return null;
          }
          const stopped = stoppedIn(own);
          if (stopped === null) return lacks(state, own);
          (halts ?? context.tell)(`${to.name} does not replicate from ${from.name}: ${stopped}.`);
          return null;
        });
      });
    },
  );
}
