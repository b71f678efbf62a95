import { createHash } from 'node:crypto';
import { initOf } from '../../../cluster/cluster.js';
import { DEFAULT_POOL } from '../../../cluster/subnet.js';
import { DEFAULT_MTU } from '../../../cluster/mtu.js';
import { DbnsError } from '../../../errors/errors.js';
import type { Machine } from '../../../host/machine.js';
import { packageVersion } from '../../../host/package-files.js';
import { loadWishes, type Wish } from '../../../state/wishes.js';
import { topologyNamed } from '../../../topologies/registry.js';
import { checkWords, type Equipment, type Wanted } from '../../resolve.js';

/** The wish whose standbys are what these words make; null when there is none, or the words ask for something of their own. */
export async function wishFor(machine: Machine, wanted: Wanted): Promise<Wish | null> {
  const { subnet, addresses = {}, password, ...spec } = wanted.spec;
  const own = [subnet, password, spec.bridgeTo, ...Object.values(addresses), ...initOf(spec)];
  if (own.some((word) => word !== undefined)) return null;
  const wishes = await loadWishes(machine);
  return wishes.find((wish) => wordsOfWish(wish) === wordsOf(wanted)) ?? null;
}

/** What a cluster is to be, as text: the words that were typed, resolved, but for its name and its place. */
export function wordsOf({ topology, spec, settings, seats }: Wanted): string {
  const images = seats.map(({ name }) => spec.nodeImages?.[name] ?? spec.image ?? topology.defaultImage);
  return JSON.stringify({
    ...{ topology: topology.name, settings, seats, images },
    // Their order is kept: of two that mean one thing the later one wins.
    options: (spec.options ?? []).map(({ key, value, section = null }) => [key, value, section]),
    ...{ memory: spec.memory ?? null, durable: spec.durable ?? false, internal: spec.internal ?? false },
    ...{ pool: spec.pool ?? DEFAULT_POOL, mtu: spec.mtu ?? DEFAULT_MTU, ipv6: spec.ipv6 ?? false },
    ...{ tls: spec.tls ?? null, clusterTls: spec.clusterTls ?? false },
    ...{ zones: spec.zones ?? 1, nodeZones: spec.nodeZones ?? {}, layout: spec.layout ?? 'bridge' },
  });
}

/** Null for words that this dbns does not know. */
function wordsOfWish({ spec }: Wish): string | null {
  try {
    const topology = topologyNamed(spec.topology);
    return wordsOf({ topology, ...checkWords(spec, topology) });
  } catch (error) {
    if (error instanceof DbnsError) return null;
    throw error;
  }
}

/** What a cluster is made from besides its words: another one when an image was pulled anew, or dbns is another. */
export function buildOf({ servers, recipes }: Equipment): string {
  const parts = [...servers].map(([name, { build, image }]) => [name, build, image.build, recipes.get(name)?.key]);
  return createHash('sha256')
    .update(JSON.stringify([packageVersion(), parts]))
    .digest('hex')
    .slice(0, 16);
}
