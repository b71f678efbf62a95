import { hostsOf, type Cluster } from '../../cluster/cluster.js';
import { GATEWAY, inForce, type Channel, type ChannelName, type Fault } from '../../cluster/fault.js';
import { zoneOf } from '../../cluster/zone.js';
import { loadRules } from '../../state/rules.js';
import { observeInterfaces } from '../../network/interfaces.js';
import type { Pair } from '../../network/pairs.js';
import { requirePrograms, requireRoot, type Context } from '../context.js';
import { selectCluster } from '../select.js';
import { channelNamed, portsOf } from './channel.js';
import { probePairs, type Reach } from './probe.js';
import { pairsTakenBy } from './taken-pairs.js';

/** Who reaches whom now. */
export interface MatrixView {
  readonly cluster: string;
  readonly channel: ChannelName | null;
  /** By name of a host, its zone; empty where there are none. */
  readonly zones: Readonly<Record<string, string>>;
  readonly pairs: readonly {
    readonly from: string;
    readonly to: string;
    /** `reset`: by a fault. `absent`: one of both is not there. */
    readonly is: Reach | 'reset' | 'absent';
    /** Ids of the faults that take what goes from one to the other, or back. */
    readonly faults: readonly string[];
  }[];
}

/**
 * Tries who reaches whom, at the port of a channel, or where clients come in.
 * @throws UsageError where the topology has no such channel.
 */
export async function matrix(
  name: string,
  channelName: ChannelName | null,
  timeout: number,
  { machine, observer }: Context,
): Promise<MatrixView> {
  requireRoot(machine, `fault matrix ${name}`);
  requirePrograms(machine);
  const cluster = await selectCluster(machine, name);
  const channel = channelNamed(cluster, channelName);
  const pairs = wholeOf(cluster, channel);
  const title = `try ${pairs.length} pairs`;
  observer.phaseStarted?.(title);
  const [reach, carriers] = await Promise.all([
    probePairs(machine, cluster, pairs, portsOf(cluster, channel), timeout),
    hostsWithoutCarrier(machine, cluster),
  ]);
  observer.phaseDone?.(title);
  const taking = takingFaults(machine, cluster);
  return {
    cluster: cluster.name,
    channel: channelName,
    zones: zonesOf(cluster),
    pairs: pairs.map((pair) => {
      const there = taking(pair);
      const back = taking([pair[1], pair[0]]);
      const is = reach.get(pair.join(' ')) ?? 'absent';
      const isOurs = is === 'refused' && there.some((fault) => fault.kind === 'partition' && fault.reset);
      // The kernel gives up asking for an address later than we do.
      const hasNoWay = is === 'silent' && pair.some((name) => carriers.has(name));
      const faults = [...new Set([...there, ...back].map(({ id }) => id))];
      return { from: pair[0], to: pair[1], is: isOurs ? 'reset' : hasNoWay ? 'unreachable' : is, faults };
    }),
  };
}

function zonesOf(cluster: Cluster): Readonly<Record<string, string>> {
  const zones = hostsOf(cluster).map((host) => [host.name, zoneOf(cluster.network, host).name] as const);
  return Object.fromEntries(zones.flatMap(([name, zone]) => (zone === null ? [] : [[name, zone]])));
}

async function hostsWithoutCarrier(machine: Context['machine'], cluster: Cluster): Promise<ReadonlySet<string>> {
  const present = await observeInterfaces(machine, cluster);
  const down = hostsOf(cluster).filter(({ link }) => present.machine.get(link)?.up === false);
  return new Set(down.map(({ name }) => name));
}

/** All pairs that could talk: at a channel where servers meet those alone. */
function wholeOf(cluster: Cluster, channel: Channel | null): readonly Pair[] {
  const hosts = hostsOf(cluster).map(({ name }) => name);
  const [from, to] =
    channel === null
      ? [[...hosts, GATEWAY], hosts]
      : channel.between === 'servers'
        ? [channel.servers, channel.servers]
        : [[...hosts, GATEWAY], channel.servers];
  return from.flatMap((one) => to.filter((other) => other !== one).map((other) => [one, other] as const));
}

/** The faults that take what goes from one to another. */
function takingFaults(machine: Context['machine'], cluster: Cluster): (pair: Pair) => readonly Fault[] {
  const faults = inForce(loadRules(machine, cluster.name).faults, machine.now());
  const pairsOfFault = faults.map(
    (fault) => [fault, new Set(pairsTakenBy(cluster, fault).map((pair) => pair.join(' ')))] as const,
  );
  return (pair) => pairsOfFault.flatMap(([fault, pairs]) => (pairs.has(pair.join(' ')) ? [fault] : []));
}
