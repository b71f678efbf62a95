import { nextNames, type Cluster } from '../../../cluster/cluster.js';
import { UsageError } from '../../../errors/errors.js';
import type { Growth, GrowthWords } from '../../growth.js';
import type { Settled } from '../../topology.js';
import { grow } from './grow.js';
import { MOST_NODES, seatsOf } from '../settings.js';
import { shrink } from './shrink.js';
import { sstMethodOf } from '../sst.js';

export const growth: Growth = { settle, grow, shrink };

function settle(cluster: Cluster, { nodes, settings }: GrowthWords): Settled {
  const count = nodes ?? 1;
  const most = MOST_NODES - cluster.nodes.length;
  if (!Number.isInteger(count) || count < 1 || count > most)
    throw new UsageError(
      `--nodes ${count}: '${cluster.name}' has ${cluster.nodes.length} nodes, and a pxc cluster has 1 to ${MOST_NODES}.`,
    );
  for (const [word, value] of Object.entries(settings)) assertWord(cluster, word, value);
  return { settings: cluster.settings, seats: seatsOf(nextNames(cluster, count)) };
}

/** A donor and its joiner have to speak the same way. */
function assertWord(cluster: Cluster, word: string, value: unknown): void {
  const [first] = cluster.nodes;
  const method = first === undefined ? '' : sstMethodOf(cluster, first);
  if (word !== 'sst') throw new UsageError(`--${word} is not for a pxc cluster: all its nodes are alike.`);
  if (value !== method)
    throw new UsageError(
      `--sst ${String(value)}: the nodes of '${cluster.name}' take all data over by ${method}, donor and joiner alike; it is chosen at pxc create.`,
    );
}
