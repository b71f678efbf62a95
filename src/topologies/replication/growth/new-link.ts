import type { Node } from '../../../cluster/cluster.js';
import type { AskContext, Step } from '../../../cluster/plan.js';
import { ask, rootAt, type Session } from '../../../servers/mysqld/client.js';
import { numberOf } from '../../../servers/said.js';
import { waitUntil } from '../../../servers/wait.js';
import { askStep } from '../../ask-step.js';
import type { Setting } from '../../topology.js';
import { follow, forgetChannels } from '../channels.js';
import { nodeNamed, onNode, wordsFor } from '../nodes.js';
import { settingsOf } from '../settings.js';
import type { Link } from '../shapes.js';
import { askState, channelFrom, gtidsOf, type LogPosition } from '../state.js';
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

/**
 * One that was alone of those that write follows again whoever has come back, and has all that this one has: from there on. What of its own came back
 * to it in MariaDB ended when it was alone, and nobody's binary log reaches back to that.
 */
export function followAgainStep(setting: Setting, link: Link): Step {
  const [to, from] = [nodeNamed(setting, link.replica), nodeNamed(setting, link.source)];
  const words = wordsFor(setting, to);
  const byGtid = words.family === 'mariadb' && settingsOf(setting.cluster).gtid;
  const statement = `${byGtid ? `${HERE}; when ${from.name} has that: ` : ''}CHANGE … to its source; START`;
  return askStep(`let ${to.name} replicate from ${from.name} again`, to, statement, (context) =>
    onNode(to, async (session) => {
      const own = channelFrom(await askState(session, words), from.address);
      if (own !== undefined) {
        await session.query(startReplica(words, own.channel).sql);
        return;
      }
      await forgetChannels(session, setting, to);
      if (byGtid) await beginHere(session, from, context);
      await follow(session, setting, link, await beginning(setting, link, new Map()));
    }),
  );
}

const HERE = 'SET GLOBAL gtid_slave_pos = @@GLOBAL.gtid_current_pos';
/** Somebody wrote between the two halves of that. */
const WROTE = 1947;

/** What it has now is where it goes on, once its source has that too. */
async function beginHere(session: Session, from: Node, context: AskContext): Promise<void> {
  await waitUntil(context, async () => {
    try {
      await session.query(HERE);
      return null;
    } catch (error) {
      if (numberOf(error) !== WROTE) throw error;
      return 'so much is written that nobody can tell where it begins';
    }
  });
  const [row] = await session.query('SELECT @@GLOBAL.gtid_slave_pos AS here');
  const here = gtidsOf(row?.here);
  await waitUntil(context, async () => {
    const [answer] = await ask(rootAt(from.socket), 10_000, (other) =>
      other.query('SELECT MASTER_GTID_WAIT(?, 1) AS late', [here]),
    );
    return Number(answer?.late) === 0 ? null : `${from.name} does not have ${here} yet`;
  });
}

async function beginning(setting: Setting, { source }: Link, stood: ReadonlyMap<string, LogPosition>): Promise<From> {
  if (settingsOf(setting.cluster).gtid) return 'gtid';
  const file = () => ask(rootAt(nodeNamed(setting, source).socket), 5000, firstLogOf);
  return stood.get(source) ?? { file: await file(), position: 4 };
}
