import type { Node } from '../../cluster/cluster.js';
import type { AskContext } from '../../cluster/plan.js';
import { NotReadyError, messageOf } from '../../errors/errors.js';
import { ask, codeOf, type Session } from '../../servers/mongod/client.js';
import { replicaSetConfig } from '../../servers/mongod/commands.js';
import { waitUntil } from '../../servers/wait.js';
import { answersOf, askNodes } from '../ask-nodes.js';
import type { Asked } from '../topology.js';
import type { Change } from './growth/configuration.js';
import { askMember, type Member } from './member.js';
import type { ReplicaSet } from './replica-set.js';
import { targetOf } from './target.js';

/** How long a member may take to say how it stands, and for a configuration, ms. */
const ANSWER_TIMEOUT = 5000;
const COMMAND_TIMEOUT = 30_000;

/** What members say that run, by name; who does not answer is left out. */
export async function askMembers(asked: Asked, nodes: readonly Node[]): Promise<ReadonlyMap<string, Member>> {
  return answersOf(
    await askNodes(nodes, (node) => ask(targetOf(asked, node), ANSWER_TIMEOUT, (session) => askMember(session, node))),
  );
}

/** Of several that believe to be primary the one that was elected last; undefined when there is none. */
export function primaryAmong(nodes: readonly Node[], members: ReadonlyMap<string, Member>): Node | undefined {
  const termOf = ({ name }: Node) => members.get(name)?.term ?? 0;
  return nodes
    .filter(({ name }) => members.get(name)?.state === 'PRIMARY')
    .sort((one, other) => termOf(other) - termOf(one))[0];
}

/** Asks whoever is the primary now, again and again until the answer is there, as `waitUntil` has it. */
export async function onPrimary(
  context: AskContext,
  asked: Asked,
  { name, members }: Pick<ReplicaSet, 'name' | 'members'>,
  question: (session: Session, primary: Node) => Promise<string | null>,
): Promise<void> {
  await waitUntil(context, async () => {
    const primary = primaryAmong(members, await askMembers(asked, members));
    if (primary === undefined) return `${name} has no primary`;
    return ask(targetOf(asked, primary), COMMAND_TIMEOUT, (session) => question(session, primary), context.signal);
  });
}

/** A configuration that the server will never take; others it may take in a moment, when the one before is everywhere. */
const INCOMPATIBLE = 103;

/** Leads the configuration of a set, by its primary, to what is wanted. Answers with the version that it has then. */
export async function reconfigure(
  context: AskContext,
  asked: Asked,
  set: Pick<ReplicaSet, 'name' | 'members'>,
  change: Change,
): Promise<number> {
  let version = 0;
  await onPrimary(context, asked, set, async (session, primary) => {
    const config = await replicaSetConfig(session);
    version = Number(config.version);
    const next = change(config);
    if (next === null) return null;
    await session.admin({ replSetReconfig: { ...next, version: version + 1 } }).catch((error: unknown) => {
      if (codeOf(error) !== INCOMPATIBLE) throw error;
      throw new NotReadyError(`${primary.name} refuses its configuration: ${messageOf(error)}`, { cause: error });
    });
    return `${set.name} is not what it is to be yet`;
  });
  return version;
}

/** The same where no primary is: one member takes it by itself, and tells the others that are there. */
export async function reconfigureByForce(asked: Asked, node: Node, change: Change): Promise<void> {
  await ask(targetOf(asked, node), COMMAND_TIMEOUT, async (session) => {
    const config = await replicaSetConfig(session);
    let now = config;
    for (let next = change(now); next !== null; next = change(now)) now = next;
    if (now !== config)
      await session.admin({ replSetReconfig: { ...now, version: Number(now.version) + 1 }, force: true });
  });
}
