import * as v from 'valibot';
import { hostsOf, type Cluster, type Host } from '../../cluster/cluster.js';
import { GATEWAY } from '../../cluster/fault.js';
import { byName } from '../../cluster/schemas.js';
import type { Machine } from '../../host/machine.js';
import { packagePath } from '../../host/package-files.js';
import type { Pair } from '../../network/pairs.js';
import { inNamespace } from '../../process/container.js';

/**
 * How one gets through to another now. `refused`: it is there, and nobody listens. `unanswered`: what is sent arrives, and
 * no answer does. `silent`: nothing arrives. `unreachable`: the kernel knows of no way.
 */
export type Reach = 'open' | 'refused' | 'unanswered' | 'silent' | 'unreachable';

/** The program that runs in namespaces, in the package. */
const PROBE = 'dist/probe/main.js';

const ANSWER = v.object({
  connects: byName(v.picklist(['open', 'refused', 'silent', 'unreachable'])),
  heard: v.nullable(v.array(v.string())),
  began: v.number(),
});
type Answer = v.InferOutput<typeof ANSWER>;

/** Milliseconds that the start of a program may take, while others start too: at first, and at the most. */
const STARTING = { first: 60, most: 4000 } as const;

/**
 * Lets each of the pairs try, all at once. A pair whose namespace is gone has no entry. Whoever started late, on a busy machine,
 * would take for silence what had no time: then all try again, with more time to start.
 * @param portOf where somebody is tried
 * @param timeout milliseconds until what has not answered is silent
 */
export async function probePairs(
  machine: Machine,
  cluster: Cluster,
  pairs: readonly Pair[],
  portOf: (name: string) => number,
  timeout: number,
): Promise<ReadonlyMap<string, Reach>> {
  for (let starting: number = STARTING.first; ; starting *= 4) {
    const { tried, answers, latest } = await probeAll(machine, cluster, pairs, portOf, { timeout, starting });
    const began = [...answers.values()].flatMap((answer) => (answer === null ? [] : [answer.began]));
    if (began.every((time) => time <= latest) || starting >= STARTING.most)
      return new Map(tried.map((pair) => [pair.join(' '), reachOf(pair, answers)]));
  }
}

/** `latest`: by when all must have begun, for all to have the whole time; by this machine's clock. */
async function probeAll(
  machine: Machine,
  cluster: Cluster,
  pairs: readonly Pair[],
  portOf: (name: string) => number,
  { timeout, starting }: { readonly timeout: number; readonly starting: number },
) {
  const hosts = new Map(hostsOf(cluster).map((host) => [host.name, host]));
  const isThere = ({ namespace }: Host) => machine.files.exists(`${machine.roots.netns}/${namespace}`);
  const there = new Set([...hosts.values()].filter(isThere).map(({ name }) => name));
  const tried = pairs.filter(([from, to]) => there.has(to) && (from === GATEWAY || there.has(from)));
  const latest = Date.now() + starting * new Set(tried.flat()).size;
  const until = latest + timeout;
  const answers = new Map(
    await Promise.all(
      [...new Set(tried.flat())].map(async (name) => {
        const targets = tried
          .filter(([from]) => from === name)
          .map(([, to]) => ({ name: to, address: hosts.get(to)?.address ?? '', port: portOf(to) }));
        const task = { name, port: name === GATEWAY ? null : portOf(name), targets, until };
        return [name, await probeFrom(machine, hosts.get(name)?.namespace ?? null, JSON.stringify(task))] as const;
      }),
    ),
  );
  return { tried, answers, latest };
}

async function probeFrom(machine: Machine, namespace: string | null, task: string): Promise<Answer | null> {
  const argv = [process.execPath, packagePath(PROBE), task];
  const { stdout, exitCode } = await machine.run(namespace === null ? argv : inNamespace(namespace, argv), {
    allowFailure: true,
  });
  return exitCode === 0 ? v.parse(ANSWER, JSON.parse(stdout)) : null;
}

function reachOf([from, to]: Pair, answers: ReadonlyMap<string, Answer | null>): Reach {
  const connect = answers.get(from)?.connects[to] ?? 'silent';
  const arrives = answers.get(to)?.heard?.includes(from) ?? false;
  return connect === 'silent' && arrives ? 'unanswered' : connect;
}
