import { hostsOf, type Cluster } from '../../cluster/cluster.js';
import type { Fault } from '../../cluster/fault.js';
import { NotReadyError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import type { Pair } from '../../network/pairs.js';
import { loadCluster } from '../../state/clusters.js';
import { loadRules } from '../../state/rules.js';
import type { Context } from '../context.js';
import { portsOf } from './channel.js';
import { probePairs, type Reach } from './probe.js';
import { pairsTakenBy } from './taken-pairs.js';

/** That hosts talk again. */
export interface Proof {
  /** How many pairs that did not talk do now. */
  readonly talking: number;
  /** Those of whom one is not there. */
  readonly absent: readonly Pair[];
}

/** Milliseconds that one round of probes waits. */
const ROUND = 800;

/** @throws NotReadyError when pairs stay silent. */
export async function proveTalking(
  { name }: Cluster,
  healed: readonly Fault[],
  timeout: number,
  { machine, observer, signal }: Context,
): Promise<Proof> {
  const cluster = await loadCluster(machine, name);
  const pairs = pairsToProve(machine, cluster, healed);
  if (pairs.length === 0) return { talking: 0, absent: [] };
  const title = `try whether ${pairs.length} pairs talk again`;
  observer.phaseStarted?.(title);
  const deadline = Date.now() + timeout;
  for (;;) {
    signal.throwIfAborted();
    const reach = await probePairs(machine, cluster, pairs, portsOf(cluster, null), ROUND);
    const silent = pairs.filter((pair) => reach.has(pair.join(' ')) && !talks(reach.get(pair.join(' '))));
    if (silent.length === 0) {
      observer.phaseDone?.(title);
      return { talking: reach.size, absent: pairs.filter((pair) => !reach.has(pair.join(' '))) };
    }
    if (Date.now() < deadline) continue;
    observer.phaseFailed?.();
    const words = silent.map(([from, to]) => `${from} to ${to}`);
    throw new NotReadyError(`The faults are healed, and still nothing comes from ${words.join(', ')}.`, {
      suggestions: [`dbns fault list ${name}`, `dbns fault matrix ${name}`, 'dbns doctor'],
    });
  }
}

/** Those whom no other fault keeps apart; what goes to the machine itself is not tried, for a firewall may be there. */
function pairsToProve(machine: Machine, cluster: Cluster, healed: readonly Fault[]): readonly Pair[] {
  const left = new Set(
    loadRules(machine, cluster.name).faults.flatMap((fault) =>
      pairsTakenBy(cluster, fault).map((pair) => pair.join(' ')),
    ),
  );
  const hosts = new Set(hostsOf(cluster).map((host) => host.name));
  const pairs = healed.flatMap((fault) => pairsTakenBy(cluster, fault)).filter(([, to]) => hosts.has(to));
  const both = pairs.filter(([from, to]) => !left.has(`${from} ${to}`) && !left.has(`${to} ${from}`));
  return [...new Map(both.map((pair) => [pair.join(' '), pair])).values()];
}

const talks = (reach: Reach | undefined) => reach === 'open' || reach === 'refused';
