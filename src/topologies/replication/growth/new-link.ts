import type { Step } from '../../../cluster/plan.js';
import { ask, rootAt } from '../../../servers/mysqld/client.js';
import { askStep } from '../../ask-step.js';
import type { Setting } from '../../topology.js';
import { follow, forgetChannels } from '../channels.js';
import { nodeNamed, onNode, wordsFor } from '../nodes.js';
import { settingsOf } from '../settings.js';
import type { Link } from '../shapes.js';
import { askState, channelFrom, type LogPosition } from '../state.js';
import { startReplica, type From } from '../statements.js';
import { firstLogOf } from './way.js';

/**
 * Lets a node replicate from another that it did not replicate from: by GTID, or from where that one `stood` when the
 * node's copy was taken, or else from the beginning of its binary logs. One that does so already goes on.
 */
export function newLinkStep(setting: Setting, link: Link, stood: ReadonlyMap<string, LogPosition> = new Map()): Step {
  const [to, from] = [nodeNamed(setting, link.replica), nodeNamed(setting, link.source)];
  const words = wordsFor(setting, to);
  return askStep(`let ${to.name} replicate from ${from.name}`, to, 'CHANGE … to its source; START', () =>
    onNode(to, async (session) => {
      const own = channelFrom(await askState(session, words), from.address);
      if (own !== undefined) {
        await session.query(startReplica(words, own.channel).sql);
        return;
      }
      // A node with one source follows another instead.
      if (link.channel === '') await forgetChannels(session, setting, to);
      await follow(session, setting, link, await beginning(setting, link, stood));
    }),
  );
}

async function beginning(setting: Setting, { source }: Link, stood: ReadonlyMap<string, LogPosition>): Promise<From> {
  if (settingsOf(setting.cluster).gtid) return 'gtid';
  const file = () => ask(rootAt(nodeNamed(setting, source).socket), 5000, firstLogOf);
  return stood.get(source) ?? { file: await file(), position: 4 };
}
