import type { Node } from '../../cluster/cluster.js';
import type { AskContext, Step } from '../../cluster/plan.js';
import type { Session } from '../../servers/mongod/client.js';
import { PORT } from '../../servers/mongod/pristine.js';
import { waitUntil } from '../../servers/wait.js';
import { askStep } from '../ask-step.js';
import type { Setting } from '../topology.js';
import { SERVING, askMember, optimeOf, reaches, type Optime } from './member.js';
import type { ReplicaSet } from './replica-set.js';
import { settingsOf } from './settings.js';
import { onMember } from './target.js';

/** A note in the oplog changes no data. Answers when it was written. */
export async function writeNote(session: Session): Promise<Optime> {
  const { operationTime } = await session.admin({ appendOplogNote: 1, data: { msg: 'dbns: is it everywhere?' } });
  const optime = optimeOf(operationTime);
  if (optime === null) throw new Error('the server did not say when it wrote a note');
  return optime;
}

/** Waits until a member has what was written then: it has nothing to roll back any more. */
export async function arrival(context: AskContext, setting: Setting, node: Node, optime: Optime): Promise<void> {
  const isDelayed = settingsOf(setting.cluster).delays[node.name] !== undefined;
  await onMember(context, setting, node, (session) =>
    waitUntil(context, async () => {
      const { state, optime: applied } = await askMember(session, node);
      if (!SERVING.has(state)) return `${node.name} is ${state}`;
      if (state === 'ARBITER' || reaches(applied, optime)) return null;
      if (isDelayed && (await hasReceived(session))) return null;
      return `${node.name} has not applied the last write yet`;
    }),
  );
}

interface Buffer {
  readonly count?: unknown;
}

/** What a delayed member has received waits in its buffer. */
async function hasReceived(session: Session): Promise<boolean> {
  const { metrics } = await session.admin({ serverStatus: 1, repl: 0 });
  const { repl } = metrics as { repl?: { buffer?: Buffer & { apply?: Buffer; write?: Buffer } } };
  // From 8.0 on there are two: what is to be written, and what is to be applied.
  const buffers = [repl?.buffer, repl?.buffer?.write, repl?.buffer?.apply];
  return buffers.some((buffer) => Number(buffer?.count ?? 0) > 0);
}

/** A member is SECONDARY before it finds that the others lack what it wrote: it is there when it has what is written now. */
export function reachStep(setting: Setting, set: ReplicaSet, members: readonly Node[]): Step {
  const [witness = set.first] = members;
  return askStep(
    `see that a write reaches ${members.map(({ name }) => name).join(', ')}`,
    witness,
    'who is primary? There appendOplogNote; they over their sockets: is it applied, or received where they are delayed?',
    (context) =>
      waitUntil(context, async () => {
        const { primary } = await onMember(context, setting, witness, (session) => askMember(session, witness));
        const node = set.members.find(({ address }) => `${address}:${PORT}` === primary);
        if (node === undefined) return `${witness.name} sees no primary of ${set.name} yet`;
        const optime = await onMember(context, setting, node, writeNote);
        await Promise.all(members.map((member) => arrival(context, setting, member, optime)));
        return null;
      }),
  );
}
