import type { Step } from '../../cluster/plan.js';
import { NotReadyError } from '../../errors/errors.js';
import { ask, rootAt } from '../../servers/mysqld/client.js';
import { waitUntil } from '../../servers/wait.js';
import { askStep } from '../ask-step.js';
import type { Setting } from '../topology.js';
import { nodeNamed, onNode, wordsFor } from './nodes.js';
import { settingsOf } from './settings.js';
import type { Link } from './shapes.js';
import {
  askPosition,
  askState,
  channelFrom,
  hasReached,
  stoppedIn,
  type ChannelState,
  type NodeState,
} from './state.js';

/** Waits until a replica has received, and applied where nothing delays it, all that its source has at the beginning. */
export function arrivalStep(setting: Setting, link: Link): Step {
  const [to, from] = [nodeNamed(setting, link.replica), nodeNamed(setting, link.source)];
  const how = awaited(setting, link);
  return askStep(
    `see that ${to.name} has ${how} it from ${from.name}`,
    to,
    `both threads run, and all that ${from.name} has is ${how}`,
    async (context) => {
      const lacks = await lacking(setting, link);
      await onNode(to, async (session) => {
        await waitUntil(context, async () => {
          const state = await askState(session, wordsFor(setting, to));
          const own = channelFrom(state, from.address);
          if (own === undefined) return `${to.name} has no channel from ${from.name}`;
          assertGoesOn(own, link);
          return lacks(state, own);
        });
      });
    },
  );
}

/** @throws NotReadyError for a channel that an error has stopped: it is waited for in vain. */
export function assertGoesOn(own: ChannelState, { replica, source }: Link): void {
  const stopped = stoppedIn(own);
  if (stopped === null || own.error === null) return;
  throw new NotReadyError(`${replica} does not replicate from ${source}: ${stopped}.`);
}

/** A delayed replica has to have received it, the others to have applied it. */
function awaited({ cluster }: Setting, { replica }: Link): 'applied' | 'received' {
  return settingsOf(cluster).delays[replica] === undefined ? 'applied' : 'received';
}

/** What a replica lacks of all that its source has now, threads that run included. */
export async function lacking(
  setting: Setting,
  link: Link,
): Promise<(state: NodeState, own: ChannelState) => string | null> {
  const { replica, source } = link;
  const from = nodeNamed(setting, source);
  const how = awaited(setting, link);
  const { gtid } = settingsOf(setting.cluster);
  const position = await ask(rootAt(from.socket), 5000, (session) =>
    askPosition(session, wordsFor(setting, from), gtid),
  );
  return (state, own) => {
    if (own.error !== null) return `${replica} says: ${own.error}`;
    if (own.receiver !== 'Yes' || own.applier !== 'Yes') {
      return `${replica} says that its receiver runs: ${own.receiver}, and its applier: ${own.applier}`;
    }
    return hasReached(state, own, position, how) ? null : `${replica} has not ${how} all of ${source} yet`;
  };
}
