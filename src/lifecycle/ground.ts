import path from 'node:path';
import type { Cluster } from '../cluster/cluster.js';
import type { Plan, Step } from '../cluster/plan.js';
import { MARK_FILE, markOf } from '../cluster/resource.js';
import type { Machine } from '../host/machine.js';
import { passStep } from '../network/foreign-firewall.js';
import { forwardingStep } from '../network/forwarding.js';
import { hostsStep } from '../network/hosts.js';
import { insideStep, isUnlinked, linksStep, NO_LINKS, type LinksPresent } from '../network/links.js';
import type { ForwardChain } from '../network/observe.js';
import { firewallStep } from '../network/ruleset.js';
import { etcActs } from '../process/etc.js';

/** What of a cluster's ground is there, and what it takes to get through other firewalls. */
export interface GroundPresent {
  readonly links: LinksPresent;
  /** Chains of others that need our rules and have not all of them. */
  readonly unpassed: readonly ForwardChain[];
}

/** Of a cluster that is to be made nothing is there. */
export function nothingBut(unpassed: readonly ForwardChain[]): GroundPresent {
  return { links: NO_LINKS, unpassed };
}

/**
 * All that servers stand on: their sockets' directories, files for /etc, links, addresses, rules. Only what is missing is
 * made; what costs nothing is written anew. `create` and every later `start` plan by this.
 */
export function groundPlan(machine: Machine, cluster: Cluster, present: GroundPresent): Plan {
  const unlinked = cluster.nodes.filter((node) => isUnlinked(node, present.links));
  const hasWayOut = cluster.network.uplinks.length > 0;
  return {
    sequence: [
      directoriesStep(machine, cluster),
      { parallel: cluster.nodes.map((node) => hostsStep(machine, cluster, node)) },
      {
        parallel: [
          {
            sequence: [
              linksStep(cluster, present.links),
              ...(hasWayOut ? [forwardingStep(machine, cluster)] : []),
              { parallel: unlinked.map((node) => insideStep(cluster, node)) },
            ],
          },
          firewallStep(cluster),
          ...(hasWayOut ? present.unpassed.map((chain) => passStep(cluster, chain)) : []),
        ],
      },
    ],
  };
}

/** A directory for each node's socket, for its server and root alone; and the names that the servers' users have. */
function directoriesStep(machine: Machine, { id, name, nodes }: Cluster): Step {
  const directory = `${machine.roots.run}/${name}`;
  const own = new Set(nodes.map((node) => path.dirname(node.directory)));
  return {
    step: 'make the directories of the sockets',
    makes: [{ kind: 'directory', path: directory }],
    acts: [
      { do: 'mkdir', path: directory, mode: 0o755, owner: 'root' },
      { do: 'write', path: `${directory}/${MARK_FILE}`, content: `${markOf(id)}\n`, mode: 0o644, owner: 'root' },
      ...nodes.map(
        (node) => ({ do: 'mkdir', path: `${directory}/${node.name}`, mode: 0o700, owner: 'server' }) as const,
      ),
      ...[...own].flatMap((place) => etcActs(machine, place)),
    ],
  };
}
