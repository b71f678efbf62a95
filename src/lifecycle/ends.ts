import type { Act, ServerEnd } from '../cluster/plan.js';
import type { Machine } from '../host/machine.js';

/** How the servers ended that were spawned, by node; null while one runs. */
export type Ends = Map<string, () => string | null>;

/** Milliseconds between two looks into a log. */
const PAUSE = 200;

/** Spawns a server, and keeps an eye on it. */
export async function spawnServer(
  machine: Machine,
  { argv, log, node, namespace, givesUp }: Extract<Act, { do: 'spawn' }>,
  ends: Ends,
): Promise<void> {
  let end: string | null = null;
  ends.set(node, () => end);
  const gaveUp = givesUp === undefined ? () => false : watch(machine, log, givesUp);
  const { exited } = await machine.spawn(argv, log, namespace);
  ends.set(node, () => end ?? (gaveUp() ? 'it gave up' : null));
  void exited.then((words) => (end = words));
}

/** Whether a log has got words since now that tell the end. */
function watch({ files }: Machine, log: string, words: RegExp): () => boolean {
  const before = files.read(log)?.length ?? 0;
  let [seen, next] = [false, 0];
  return () => {
    if (!seen && Date.now() >= next) {
      seen = words.test((files.read(log) ?? '').slice(before));
      next = Date.now() + PAUSE;
    }
    return seen;
  };
}

export function firstEnd(ends: Ends): ServerEnd | null {
  for (const [node, endOf] of ends) {
    const end = endOf();
    if (end !== null) return { node, end };
  }
  return null;
}
