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
});
type Answer = v.InferOutput<typeof ANSWER>;

/**
 * Lets each of the pairs try, all at once. A pair whose namespace is gone has no entry.
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
  const hosts = new Map(hostsOf(cluster).map((host) => [host.name, host]));
  const isThere = ({ namespace }: Host) => machine.files.exists(`${machine.roots.netns}/${namespace}`);
  const there = new Set([...hosts.values()].filter(isThere).map(({ name }) => name));
  const tried = pairs.filter(([from, to]) => there.has(to) && (from === GATEWAY || there.has(from)));
  const until = Date.now() + timeout + STARTING * new Set(tried.flat()).size;
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
  return new Map(tried.map((pair) => [pair.join(' '), reachOf(pair, answers)]));
}

/** Milliseconds that the start of a program may take, while others start too. */
const STARTING = 60;

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
