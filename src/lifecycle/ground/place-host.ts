import { hostsOf, type Cluster, type Host } from '../../cluster/cluster.js';
import { assertHostName, hostLinkName } from '../../cluster/names.js';
import { macOf, placeIn, readCidr } from '../../cluster/subnet.js';
import { ConflictError } from '../../errors/errors.js';
import { allocateAddresses } from '../../network/allocate.js';
import { checkChosen } from '../../network/chosen.js';

/**
 * A place on a cluster's network for somebody who is no node.
 * @param chosen its address; a free one when absent
 * @throws UsageError, ConflictError for a name or an address that can't be had.
 */
export function placeHost(cluster: Cluster, name: string, chosen: string | undefined): Omit<Host, 'namespace'> {
  const hosts = hostsOf(cluster);
  assertHostName(name);
  if (hosts.some((host) => host.name === name)) {
    throw new ConflictError(`'${cluster.name}' has a ${name} already.`, {
      suggestions: [`dbns status ${cluster.name}`],
    });
  }
  const subnet = readCidr(cluster.network.subnet) ?? { base: 0, prefix: 32 };
  const addresses = chosen === undefined ? {} : { [name]: chosen };
  checkChosen(addresses, subnet, hosts);
  const [address = ''] = allocateAddresses(cluster.network, {
    names: [name],
    chosen: addresses,
    taken: hosts.map((host) => host.address),
  });
  return { name, address, mac: macOf(address), link: hostLinkName(cluster.id, placeIn(subnet, address)) };
}
