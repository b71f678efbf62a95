import { hostsOf, type Cluster, type Host } from '../../cluster/cluster.js';
import { assertHostName, hostLinkName } from '../../cluster/names.js';
import { macOf, placeIn, readCidr } from '../../cluster/subnet.js';
import { zoneNames } from '../../cluster/zone.js';
import { ConflictError, UsageError } from '../../errors/errors.js';
import { allocateAddresses } from '../../network/allocate.js';
import { checkChosen } from '../../network/chosen.js';
import { spread } from '../../network/zones.js';

/** Where on a network somebody is to be. */
export interface HostWish {
  /** A free one when absent. */
  readonly address?: string | undefined;
  /** That of the address, or the first one when absent. */
  readonly zone?: string | undefined;
}

/**
 * A place on a cluster's network for somebody who is no node.
 * @throws UsageError, NotFoundError, ConflictError for a name, an address or a zone that can't be had.
 */
export function placeHost(
  cluster: Cluster,
  name: string,
  { address: chosen, zone }: HostWish,
): Omit<Host, 'namespace'> {
  const { network } = cluster;
  const hosts = hostsOf(cluster);
  assertHostName(name);
  if (hosts.some((host) => host.name === name)) {
    throw new ConflictError(`'${cluster.name}' has a ${name} already.`, {
      suggestions: [`dbns status ${cluster.name}`],
    });
  }
  if (zoneNames(network).includes(name))
    throw new UsageError(`'${name}' can't be the name: it is that of a zone of '${cluster.name}'.`);
  const subnet = readCidr(network.subnet) ?? { base: 0, prefix: 32 };
  const addresses = chosen === undefined ? {} : { [name]: chosen };
  checkChosen(addresses, network, hosts);
  const zones = spread(network, [{ name, group: null }], {
    zones: zone === undefined ? {} : { [name]: zone },
    addresses,
  });
  const [address = ''] = allocateAddresses(network, {
    ...{ names: [name], zones, chosen: addresses },
    taken: hosts.map((host) => host.address),
  });
  return { name, address, mac: macOf(address), link: hostLinkName(cluster.id, placeIn(subnet, address)) };
}
