import { setTimeout as sleep } from 'node:timers/promises';
import type { Node } from '../../../cluster/cluster.js';
import type { AskContext, Step } from '../../../cluster/plan.js';
import { NotReadyError } from '../../../errors/errors.js';
import { codeOf, type Document, type Session } from '../../../servers/mongod/client.js';
import { waitUntil } from '../../../servers/wait.js';
import { askStep } from '../../ask-step.js';
import type { Setting } from '../../topology.js';
import { onMember } from '../target.js';

/** What a shard still has that is being drained. */
export interface Drain {
  /** Null while that is not known: it has just begun. */
  readonly chunks: number | null;
  /** Databases whose primary shard it is, and from 8.0 on collections that are not sharded. */
  readonly databases: readonly string[];
  readonly collections: readonly string[];
}

/** Milliseconds between two looks, and between two words about it. */
const PAUSE = 500;
const SILENCE = 5000;

/**
 * Lets a shard hand over all it has. May be begun again at any time: the servers keep that it is being drained, and what it
 * has handed over. Source: the manual's "Remove Shards from a Sharded Cluster".
 * @param target the shard that gets what the balancer does not move
 */
export function drainStep(setting: Setting, router: Node, shard: string, target: string): Step {
  return askStep(
    `drain ${shard}`,
    router,
    `removeShard ${shard}, again and again until it is completed; when its chunks are gone, movePrimary and moveCollection to ${target}`,
    async (context) => {
      const tell = slowly(context);
      let pause = 0;
      await waitUntil(context, async () => {
        await sleep(pause, undefined, { signal: context.signal });
        pause = PAUSE;
        const left = await onMember(context, setting, router, (session) => drain(session, shard, target));
        if (left === null) return null;
        tell(sentence(shard, left));
        return `${sentence(shard, left)} The same remove goes on with it.`;
      });
    },
  );
}

/** Tells what has changed, and not too often. */
function slowly({ tell }: AskContext): (text: string) => void {
  let [last, next] = ['', 0];
  return (text) => {
    if (text === last || Date.now() < next) return;
    [last, next] = [text, Date.now() + SILENCE];
    tell(text);
  };
}

const SHARD_NOT_FOUND = 70;

/** One look, and what can be done at it; null when the shard is out. */
async function drain(session: Session, shard: string, target: string): Promise<Drain | null> {
  const said = await session.admin({ removeShard: shard }).catch((error: unknown) => {
    if (codeOf(error) === SHARD_NOT_FOUND) return null;
    throw error;
  });
  const left = said === null ? null : readDrain(said);
  if (left === null) return null;
  if (left.chunks === null) return left;
  if (left.chunks > 0) {
    await assertBalancer(session, shard, left.chunks);
    return left;
  }
  for (const name of left.collections) await session.admin({ moveCollection: name, toShard: target });
  for (const name of left.databases) await session.admin({ movePrimary: name, to: target });
  return left;
}

/** Reads an answer to `removeShard`; null when it is completed. */
export function readDrain({ state, remaining, dbsToMove, collectionsToMove }: Document): Drain | null {
  if (state === 'completed') return null;
  const { chunks } = (remaining ?? {}) as Document;
  const names = (list: unknown) => (Array.isArray(list) ? list.map(String) : []);
  return {
    chunks: chunks === undefined ? null : Number(chunks),
    databases: names(dbsToMove),
    collections: names(collectionsToMove),
  };
}

/** @throws NotReadyError when nobody moves chunks. */
async function assertBalancer(session: Session, shard: string, chunks: number): Promise<void> {
  const { mode } = await session.admin({ balancerStatus: 1 });
  if (mode !== 'off') return;
  throw new NotReadyError(`${shard} still has ${chunks} chunks, and the balancer, which moves them, is off.`, {
    suggestions: ['Turn it on by a shell on a router: sh.startBalancer()', 'Then the same remove goes on with it.'],
  });
}

function sentence(shard: string, { chunks, databases, collections }: Drain): string {
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
  const words = [
    ...(chunks === null ? [] : [count(chunks, 'chunk')]),
    ...(collections.length === 0 ? [] : [count(collections.length, 'collection')]),
    count(databases.length, 'database'),
  ];
  return `${shard} still has ${words.join(', ')} to hand over.`;
}
