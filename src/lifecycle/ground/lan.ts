import type { Cluster } from '../../cluster/cluster.js';
import { traitsOf } from '../../cluster/lan.js';
import { ConflictError, UsageError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { forwards } from '../../network/forwarding.js';
import { giveBack, observeJoining, type Joining } from '../../network/lan/join.js';
import { readJournal } from '../../state/clusters.js';

/**
 * The interface of the machine that is to be put into a cluster's bridge, with what it has; null where none is, or it is there.
 * @throws ConflictError when what leads into the LAN is gone, or is in another bridge.
 */
export async function unjoined(machine: Machine, { name, network }: Cluster): Promise<Joining | null> {
  const { lan, zones } = network;
  if (lan === null) return null;
  const advice = { suggestions: [`dbns destroy ${name}`] };
  if (forwards(machine, lan.to) === null)
    throw new ConflictError(`${lan.to}, by which '${name}' is in its LAN, is not there.`, advice);
  if (!traitsOf(network).makesBridge) return null;
  const found = await observeJoining(machine, lan.to);
  if (found === null) return null;
  const [bridge = null] = zones.map((zone) => zone.bridge);
  if (found.bridge !== null && found.bridge !== bridge)
    throw new ConflictError(`${lan.to}, by which '${name}' is in its LAN, is in ${found.bridge} by now.`, advice);
  const isThere = found.bridge === bridge && found.addresses.length === 0 && found.routes.length === 0;
  return isThere ? null : found;
}

/** An interface whose bridge somebody took away has lost what it had: it gets that back before anything is looked at. */
export async function restoreJoined(machine: Machine, { name, network }: Cluster): Promise<void> {
  if (network.lan === null || !traitsOf(network).makesBridge) return;
  const journal = readJournal(machine, name);
  const resources = journal.kind === 'whole' ? [...journal.content.resources].reverse() : [];
  for (const resource of resources) if (resource.kind === 'joined') await giveBack(machine, resource);
}

/** @throws UsageError for what has no meaning where hosts are in a LAN themselves. */
export function assertNotInLan({ name, network }: Cluster, what: string, instead: string): void {
  if (network.lan === null) return;
  throw new UsageError(`The nodes of '${name}' are in the LAN of ${network.lan.to} themselves: ${what}.`, {
    suggestions: [instead],
  });
}
