import type { ClusterSpec } from '../../../cluster/cluster.js';
import { overlap, readCidr } from '../../../cluster/subnet.js';
import type { Machine } from '../../../host/machine.js';
import { isBroken, readCluster, standbyNames } from '../../../state/clusters.js';
import { loadMark } from '../../../state/standby.js';
import type { Context } from '../../context.js';
import { removeStandby } from '../../removal/standby.js';

/**
 * Takes away the standbys that have the name or the network that is asked for: they were nobody's yet, and are made anew
 * elsewhere. Answers the ids of their wishes.
 * @throws ConflictError while another dbns is at work on one; LeftoverError.
 */
export async function makeWay(spec: ClusterSpec, { machine, observer }: Context): Promise<ReadonlySet<string>> {
  const wishes = new Set<string>();
  for (const name of await inTheWay(machine, spec)) {
    const wish = loadMark(machine, name)?.wish ?? '';
    await removeStandby(machine, name);
    observer.warned?.(`'${name}' was a standby of ${wish}, and gave way: another one is made in the background.`);
    wishes.add(wish);
  }
  return wishes;
}

/** Names of the standbys that have what is asked for. */
export async function inTheWay(
  machine: Machine,
  { name: wanted, subnet }: Pick<ClusterSpec, 'name' | 'subnet'>,
): Promise<readonly string[]> {
  if (wanted === undefined && subnet === undefined) return [];
  const found: string[] = [];
  for (const name of await standbyNames(machine)) {
    if (name === wanted || (subnet !== undefined && (await isIn(machine, name, subnet)))) found.push(name);
  }
  return found;
}

async function isIn(machine: Machine, name: string, subnet: string): Promise<boolean> {
  const saved = await readCluster(machine, name);
  const [own, asked] = [saved === null || isBroken(saved) ? null : readCidr(saved.network.subnet), readCidr(subnet)];
  return own !== null && asked !== null && overlap(own, asked);
}
