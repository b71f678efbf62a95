import type { Node } from '../../cluster/cluster.js';
import { MARK_FILE, markOf } from '../../cluster/resource.js';
import type { Plan, Step } from '../../cluster/plan.js';
import type { ForwardChain } from '../../network/observe.js';
import { passStep } from '../../network/foreign-firewall.js';
import { forwardingStep } from '../../network/forwarding.js';
import { hostsStep } from '../../network/hosts.js';
import { insideStep, linksStep } from '../../network/links.js';
import { firewallStep } from '../../network/ruleset.js';
import type { Setting, Topology } from '../../topologies/topology.js';

/** All that comes before the servers start: directories, network, data. */
export function groundPlan(topology: Topology, setting: Setting, chains: readonly ForwardChain[]): Plan {
  const { machine, cluster } = setting;
  const hasWayOut = cluster.network.uplinks.length > 0;
  const outwards = hasWayOut ? [forwardingStep(machine, cluster)] : [];
  return {
    title: `prepare the network ${cluster.network.subnet} and ${cluster.nodes.length} data directories`,
    sequence: [
      runDirectoriesStep(setting),
      { parallel: cluster.nodes.map((node) => hostsStep(machine, cluster, node)) },
      {
        parallel: [
          {
            sequence: [
              linksStep(cluster),
              ...outwards,
              { parallel: cluster.nodes.map((node) => insideStep(cluster, node)) },
            ],
          },
          firewallStep(cluster),
          ...(hasWayOut ? chains.map((chain) => passStep(cluster, chain)) : []),
          dataPlan(topology, setting),
        ],
      },
    ],
  };
}

/** Fresh data directories for all nodes, whatever was there. */
export function dataPlan(topology: Topology, setting: Setting): Plan {
  return {
    parallel: setting.cluster.nodes.map((node) => ({
      sequence: [cloneStep(setting, node), topology.prepare(setting, node)],
    })),
  };
}

/** A directory for each node's socket, for its server and root alone. */
function runDirectoriesStep({ machine, cluster }: Setting): Step {
  const directory = `${machine.roots.run}/${cluster.name}`;
  return {
    step: 'make the directories of the sockets',
    makes: [{ kind: 'directory', path: directory }],
    acts: [
      { do: 'mkdir', path: directory, mode: 0o755, owner: 'root' },
      {
        do: 'write',
        path: `${directory}/${MARK_FILE}`,
        content: `${markOf(cluster.id)}\n`,
        mode: 0o644,
        owner: 'root',
      },
      ...cluster.nodes.map(
        (node) => ({ do: 'mkdir', path: `${directory}/${node.name}`, mode: 0o700, owner: 'server' }) as const,
      ),
    ],
  };
}

/** Shares blocks where the file system can, and keeps holes everywhere. */
function cloneStep({ servers }: Setting, node: Node): Step {
  const pristine = servers.get(node.name)?.pristine ?? '';
  return {
    step: `clone the pristine directory for ${node.name}`,
    acts: [
      { do: 'remove', path: `${node.directory}/data` },
      { do: 'mkdir', path: node.directory, mode: 0o755, owner: 'root' },
      {
        do: 'run',
        argv: ['cp', '-a', '--reflink=auto', '--sparse=always', `${pristine}/data`, `${node.directory}/data`],
      },
    ],
  };
}
