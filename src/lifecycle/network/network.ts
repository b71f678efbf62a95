import { hostsOf, type Cluster } from '../../cluster/cluster.js';
import { traitsOf } from '../../cluster/lan.js';
import type { Machine } from '../../host/machine.js';
import { observeInterfaces, type Interface } from '../../network/interfaces.js';
import { sentencesOf } from '../../network/rules.js';
import { tableStates, type TableState } from '../../network/table-state.js';
import { isBroken, readCreated, type SavedCluster } from '../../state/clusters.js';
import { loadRules } from '../../state/rules.js';
import { unrenewed } from '../by-dhcp.js';
import { requireRoot } from '../context.js';
import { takingsIn } from '../ground/takings.js';
import { dropLost } from '../removal/lost.js';
import { selectSaved } from '../select.js';
import { describeNetwork } from '../status.js';
import { endpointOf } from './endpoint.js';
import type { ClusterNetworks } from './view.js';

/**
 * The networks of one cluster, or of all, as the kernel has them: links, addresses, traffic, rules. What is gone is told,
 * and keeps nobody from seeing the rest.
 * @throws MachineError without root; NotFoundError.
 */
export async function networksOf(machine: Machine, name?: string): Promise<readonly ClusterNetworks[]> {
  requireRoot(machine, 'network');
  await dropLost(machine);
  const clusters = name === undefined ? await readCreated(machine) : [await selectSaved(machine, name)];
  return Promise.all(clusters.map((saved) => viewSaved(machine, saved)));
}

async function viewSaved(machine: Machine, saved: SavedCluster): Promise<ClusterNetworks> {
  if (!isBroken(saved)) return viewNetwork(machine, saved);
  const { name, why, advice } = saved;
  return { cluster: name, networks: [], broken: { why, advice } };
}

async function viewNetwork(machine: Machine, cluster: Cluster): Promise<ClusterNetworks> {
  const rules = loadRules(machine, cluster.name);
  const takings = await takingsIn(machine, cluster, rules);
  const [present, states] = await Promise.all([
    observeInterfaces(machine, cluster),
    tableStates(machine, cluster, rules, takings),
  ]);
  const { internal, mtu, uplinks } = cluster.network;
  const alone = unrenewed(machine, cluster);
  const { zones, ...whole } = describeNetwork(cluster.network);
  const found = (bridge: string | null) => (bridge === null ? null : (present.machine.get(bridge) ?? null));
  return {
    cluster: cluster.name,
    networks: [
      {
        ...{ ...whole, internal, mtu, uplinks, interface: found(whole.bridge) },
        zones: zones.map((zone) => ({ ...zone, interface: found(zone.bridge) })),
        endpoints: hostsOf(cluster).map((host) => endpointOf(cluster.network, host, present, alone)),
        rules: {
          tables: [...states].map(([table, state]) => ({ table, state })),
          sentences: sentencesOf(cluster, rules, takings),
        },
        amiss: [
          ...cluster.network.zones.flatMap(({ bridge }) => bridgeAmiss(bridge, mtu, found(bridge))),
          ...lanAmiss(cluster.network, found),
          ...[...states].flatMap(([table, state]) => TABLE_AMISS[state](table)),
        ],
      },
    ],
  };
}

function bridgeAmiss(bridge: string | null, mtu: number, found: Interface | null): readonly string[] {
  if (bridge === null) return [];
  if (found === null) return [`the bridge ${bridge} is gone`];
  return found.mtu === mtu ? [] : [`the bridge ${bridge} has the MTU ${found.mtu}, not ${mtu}`];
}

/** An interface of the machine is to be in the cluster's bridge, and that is to have what it had. */
function lanAmiss(network: Cluster['network'], find: (link: string) => Interface | null): readonly string[] {
  const { lan, zones } = network;
  if (lan === null || !traitsOf(network).makesBridge) return [];
  const [bridge = null] = zones.map((zone) => zone.bridge);
  const found = find(lan.to);
  if (found === null) return [`the interface ${lan.to}, which leads into the LAN, is gone`];
  if (found.bridge !== bridge) return [`the interface ${lan.to} is not in ${bridge ?? ''}`];
  if (found.addresses.length > 0)
    return [`the interface ${lan.to} has ${found.addresses.join(', ')}, which ${bridge ?? ''} is to have`];
  return found.carrier ? [] : [`the interface ${lan.to} has no carrier`];
}

const TABLE_AMISS: Readonly<Record<TableState, (table: string) => readonly string[]>> = {
  'in force': () => [],
  changed: (table) => [`the nft table ${table} is not as dbns made it: nft list table ${table}`],
  missing: (table) => [`the nft table ${table} is gone, and with it what keeps others out`],
};
