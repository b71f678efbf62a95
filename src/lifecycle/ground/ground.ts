import path from 'node:path';
import { programsOf, type Cluster, type Host } from '../../cluster/cluster.js';
import { familyNames } from '../../cluster/family.js';
import type { Plan, Step } from '../../cluster/plan.js';
import { MARK_FILE, markOf } from '../../cluster/resource.js';
import { isByLoopback, NO_RULES, wantForwarding, type Rules } from '../../cluster/rules.js';
import type { Machine } from '../../host/machine.js';
import { passStep } from '../../network/foreign-firewall.js';
import { forwardingStep, localRoutingStep } from '../../network/forwarding.js';
import { NO_TAKINGS, type Takings } from '../../network/fault-rules.js';
import { dhcpSteps, isByDhcp, scriptActs } from '../../network/lan/dhcp.js';
import { probeStep } from '../../network/lan/arp.js';
import { hostsStep, type Neighbour } from '../../network/hosts.js';
import { insideNames, isJoinedByRouting, ownInsides } from '../../network/insides.js';
import { joinStep, type Joining } from '../../network/lan/join.js';
import { insideStep, isUnlinked, linksStep, NO_LINKS, standingHosts, type LinksPresent } from '../../network/links.js';
import type { ForwardChain } from '../../network/observe.js';
import { firewallStep } from '../../network/ruleset.js';
import { clusterDirectory } from '../../state/places.js';
import { etcActs } from '../../process/etc.js';

/** What of a cluster's ground is there, and what it takes to get through other firewalls. */
export interface GroundPresent {
  readonly links: LinksPresent;
  /** Chains of others that need our rules and have not all of them. */
  readonly unpassed: readonly ForwardChain[];
  /** The interface of the machine that is to be put into the cluster's bridge. */
  readonly unjoined: Joining | null;
  /** Names of nodes whose DHCP client is gone. */
  readonly unrenewed: ReadonlySet<string>;
}

/** Of a cluster that is to be made nothing is there. */
export function nothingBut(unpassed: readonly ForwardChain[], joining: Joining | null = null): GroundPresent {
  return { links: NO_LINKS, unpassed, unjoined: joining, unrenewed: new Set() };
}

/** What of a cluster's ground does not come from itself. */
export interface Surroundings {
  readonly rules: Rules;
  /** What faults take, at links as they will be. */
  readonly takings: Takings;
  /** The machine's ends of links that are to have no carrier. */
  readonly cut: ReadonlySet<string>;
  /** The clusters that it is linked with. */
  readonly neighbours: readonly Neighbour[];
}

const ALONE: Surroundings = { rules: NO_RULES, takings: NO_TAKINGS, cut: new Set(), neighbours: [] };

/**
 * All that servers stand on: their sockets' directories, files for /etc, links, addresses, rules. Only what is missing is
 * made; what costs nothing is written anew. `create` and every later `start` plan by this.
 */
export function groundPlan(
  machine: Machine,
  cluster: Cluster,
  present: GroundPresent,
  { rules, takings, cut, neighbours }: Surroundings = ALONE,
): Plan {
  const hosts = standingHosts(cluster, present.links);
  const unlinked = hosts.filter((host) => isUnlinked(host, present.links));
  const unrenewed = hosts.filter((host) => !unlinked.includes(host) && present.unrenewed.has(host.name));
  const tables = firewallStep(cluster, rules, takings);
  const atLinks = takings.takings.length + takings.doublings.length > 0;
  return {
    sequence: [
      directoriesStep(machine, cluster),
      { parallel: hosts.map((host) => hostsStep(machine, cluster, host, neighbours)) },
      {
        parallel: [
          {
            sequence: [
              linksStep(cluster, present.links, cut),
              ...(present.unjoined === null ? [] : [joinStep(machine, cluster.network, present.unjoined)]),
              { parallel: unlinked.map((host) => insidePlan(machine, cluster, host, rules)) },
              { parallel: unrenewed.map((host) => dhcpOf(machine, cluster, host).goesOn) },
              // What faults take is taken at links, which must be there.
              ...(atLinks ? [tables] : []),
            ],
          },
          ...(atLinks ? [] : [tables]),
          ...present.unpassed.map((chain) => passStep(cluster, chain)),
        ],
      },
      // What is let through comes last, behind the rules.
      ...openInsides(machine, insideNames(cluster.network, hosts), { cluster, rules }),
    ],
  };
}

/** In a LAN an address is asked for before anybody has it. */
function insidePlan(machine: Machine, cluster: Cluster, host: Host, { links }: Rules): Plan {
  const inside = insideStep(cluster, host, links);
  if (isByDhcp(cluster, host)) {
    const { asked, goesOn } = dhcpOf(machine, cluster, host);
    return { sequence: [asked, inside, goesOn] };
  }
  const probes = cluster.network.lan === null ? [] : [probeStep(machine, cluster.network, host)];
  return { sequence: [...probes, inside] };
}

function dhcpOf(machine: Machine, cluster: Cluster, host: Host) {
  const log = `${machine.roots.run}/${cluster.name}/${host.name}.dhcp.log`;
  return dhcpSteps(machine, cluster, host, { directory: clusterDirectory(machine, cluster.name), log });
}

/** A cluster, and what is wanted of its rules. */
interface Ruled {
  readonly cluster: Pick<Cluster, 'network'>;
  readonly rules: Rules;
}

/**
 * What the kernel is told of the interfaces by which a cluster's hosts come in, so that what is wanted comes through; it goes
 * with them.
 */
export function openInsides(machine: Machine, all: readonly string[], { cluster, rules }: Ruled): readonly Step[] {
  const links = ownInsides(cluster.network, all);
  return [
    ...(forwardsFor(cluster, rules) ? [forwardingStep(machine, links, true, familyNames(cluster.network))] : []),
    ...(rules.exposures.some(isByLoopback) ? [localRoutingStep(machine, links, true)] : []),
  ];
}

/** The same of what is not wanted any longer. */
export function closeInsides(machine: Machine, all: readonly string[], { cluster, rules }: Ruled): readonly Step[] {
  const links = ownInsides(cluster.network, all);
  if (links.length === 0) return [];
  return [
    ...(forwardsFor(cluster, rules) ? [] : [forwardingStep(machine, links, false, familyNames(cluster.network))]),
    ...(rules.exposures.some(isByLoopback) ? [] : [localRoutingStep(machine, links, false)]),
  ];
}

/** Whether the machine is to forward what comes from a cluster's hosts. */
export function forwardsFor({ network }: Pick<Cluster, 'network'>, rules: Rules): boolean {
  return network.uplinks.length > 0 || isJoinedByRouting(network) || wantForwarding(rules);
}

/** A directory for each program's socket, for it and root alone; and the names that the servers' users have. */
function directoriesStep(machine: Machine, cluster: Cluster): Step {
  const { id, name } = cluster;
  const programs = programsOf(cluster);
  const directory = `${machine.roots.run}/${name}`;
  const own = new Set(cluster.nodes.map((node) => path.dirname(node.directory)));
  return {
    step: 'make the directories of the sockets',
    makes: [{ kind: 'directory', path: directory }],
    acts: [
      { do: 'mkdir', path: directory, mode: 0o755, owner: 'root' },
      { do: 'write', path: `${directory}/${MARK_FILE}`, content: `${markOf(id)}\n`, mode: 0o644, owner: 'root' },
      ...programs.map(
        (program) => ({ do: 'mkdir', path: `${directory}/${program.name}`, mode: 0o700, owner: 'server' }) as const,
      ),
      ...[...own].flatMap((place) => [...etcActs(machine, place), ...scriptActs(cluster.network, place)]),
    ],
  };
}
