import type { Network } from '../cluster/cluster.js';
import { addressAt, readCidr } from '../cluster/subnet.js';
import { lies, type Zoned } from '../cluster/zone.js';
import { ConflictError, UsageError } from '../errors/errors.js';
import { notForHosts } from './zones.js';

/** Addresses that were chosen, by the name of the node. */
export type ChosenAddresses = Readonly<Record<string, string>>;

/**
 * Whether nodes that come can have the addresses that were chosen for them.
 * @param others the nodes that are there
 * @throws UsageError for what is no address, lies outside, is nobody's to have, or is chosen twice; ConflictError for one
 *   that another node has.
 */
export function checkChosen(
  chosen: ChosenAddresses,
  network: Zoned & Pick<Network, 'subnet'>,
  others: readonly { readonly name: string; readonly address: string }[] = [],
): void {
  const owners = new Map<string, string>();
  for (const [node, address] of Object.entries(chosen)) {
    assertNodeAddress(node, address, network);
    const twin = owners.get(address);
    if (twin !== undefined) throw new UsageError(`${address} is chosen twice: for ${twin} and for ${node}.`);
    const owner = others.find((other) => other.address === address);
    if (owner !== undefined)
      throw new ConflictError(`${address} can't be the address of ${node}: ${owner.name} has it.`);
    owners.set(address, node);
  }
}

function assertNodeAddress(node: string, address: string, network: Zoned & Pick<Network, 'subnet'>): void {
  const { subnet, zones } = network;
  const read = readCidr(address);
  // 010.1.1.1 and the like are read in more than one way.
  if (read === null || addressAt(read, 0) !== address) {
    throw new UsageError(`'${address}', chosen for ${node}, is not an IPv4 address: write it like 10.50.0.10.`);
  }
  if (!lies(address, subnet)) throw new UsageError(`${address}, chosen for ${node}, is outside the network ${subnet}.`);
  if (!zones.some((zone) => lies(address, zone.subnet)))
    throw new UsageError(`${address}, chosen for ${node}, is in no zone of ${subnet}.`);
  const place = notForHosts(network).get(address);
  if (place !== undefined) throw new UsageError(`${address} of ${subnet} can't be the address of ${node}: ${place}.`);
}
