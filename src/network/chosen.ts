import { addressAt, formatSubnet, overlap, readCidr, sizeOf, type Subnet } from '../cluster/subnet.js';
import { ConflictError, UsageError } from '../errors/errors.js';

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
  subnet: Subnet,
  others: readonly { readonly name: string; readonly address: string }[] = [],
): void {
  const owners = new Map<string, string>();
  for (const [node, address] of Object.entries(chosen)) {
    assertNodeAddress(node, address, subnet);
    const twin = owners.get(address);
    if (twin !== undefined) throw new UsageError(`${address} is chosen twice: for ${twin} and for ${node}.`);
    const owner = others.find((other) => other.address === address);
    if (owner !== undefined)
      throw new ConflictError(`${address} can't be the address of ${node}: ${owner.name} has it.`);
    owners.set(address, node);
  }
}

function assertNodeAddress(node: string, address: string, subnet: Subnet): void {
  const read = readCidr(address);
  // 010.1.1.1 and the like are read in more than one way.
  if (read === null || addressAt(read, 0) !== address) {
    throw new UsageError(`'${address}', chosen for ${node}, is not an IPv4 address: write it like 10.50.0.10.`);
  }
  const network = formatSubnet(subnet);
  if (!overlap(read, subnet))
    throw new UsageError(`${address}, chosen for ${node}, is outside the network ${network}.`);
  const place = new Map([
    [addressAt(subnet, 0), 'it is the network itself'],
    [addressAt(subnet, 1), 'it is the gateway'],
    [addressAt(subnet, sizeOf(subnet) - 1), 'it is the broadcast address'],
  ]).get(address);
  if (place !== undefined) throw new UsageError(`${address} of ${network} can't be the address of ${node}: ${place}.`);
}
