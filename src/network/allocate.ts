import type { Network } from '../cluster/cluster.js';
import { bridgeName, linkGroup } from '../cluster/names.js';
import {
  DEFAULT_POOL,
  addressAt,
  firstFreeSubnet,
  formatSubnet,
  overlap,
  parseSubnet,
  type Subnet,
} from '../cluster/subnet.js';
import { ConflictError } from '../errors/errors.js';
import type { NetworkObservation, TakenSubnet } from './observe.js';

export interface NetworkWish {
  readonly clusterId: string;
  readonly nodes: number;
  readonly subnet?: string | undefined;
  readonly internal?: boolean | undefined;
}

/**
 * A network for a new cluster, from what was asked, what the machine has, and what other clusters have saved.
 * @throws ConflictError when the subnet is taken, naming by what; UsageError when it is none.
 */
export function allocateNetwork(
  wish: NetworkWish,
  observation: NetworkObservation,
  saved: readonly TakenSubnet[],
): Network {
  const taken = [...saved, ...observation.taken];
  const subnet =
    wish.subnet === undefined ? freeSubnet(wish.nodes, taken) : wantedSubnet(wish.subnet, wish.nodes, taken);
  return {
    name: 'net1',
    subnet: formatSubnet(subnet),
    gateway: addressAt(subnet, 1),
    bridge: bridgeName(wish.clusterId),
    linkGroup: linkGroup(wish.clusterId),
    uplinks: wish.internal === true ? [] : observation.uplinks,
  };
}

function wantedSubnet(text: string, nodes: number, taken: readonly TakenSubnet[]): Subnet {
  const subnet = parseSubnet(text, nodes);
  const conflict = taken.find((other) => overlap(subnet, other));
  if (conflict === undefined) return subnet;
  throw new ConflictError(`The subnet ${text} overlaps ${conflict.text}.`, {
    suggestions: ['Take another with --subnet, or none: dbns then finds a free one.'],
  });
}

function freeSubnet(nodes: number, taken: readonly TakenSubnet[]): Subnet {
  const subnet = firstFreeSubnet(taken);
  if (subnet !== null) return subnet;
  throw new ConflictError(`All /24 networks of ${DEFAULT_POOL} are taken (for ${nodes} nodes).`, {
    suggestions: ['dbns list', 'Name a free network with --subnet.'],
  });
}
