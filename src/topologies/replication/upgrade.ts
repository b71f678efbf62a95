import type { Cluster, Node } from '../../cluster/cluster.js';
import { atLeast, readTitle, serverTitle, type ServerBuild } from '../../cluster/server.js';
import { UsageError } from '../../errors/errors.js';
import { mysqldUpgrade } from '../mysqld-upgrade.js';
import type { Upgrade } from '../upgrade.js';
import { roleIn, settingsOf } from './settings.js';
import { endsFirst, linksOf } from './shapes.js';

/** Replicas before whom they replicate from: a newer server reads the binary log of an older one, and not the other way round. */
export const upgrade: Upgrade = {
  ...mysqldUpgrade,
  order: (cluster) =>
    endsFirst(settingsOf(cluster).sources).flatMap((names) => cluster.nodes.filter(({ name }) => names.includes(name))),
  check(cluster, chosen, to) {
    mysqldUpgrade.check(cluster, chosen, to);
    assertReplicasKeepUp(cluster, chosen, to);
  },
};

/** The primary hands over before it is upgraded, and is a replica then. */
function assertReplicasKeepUp(cluster: Cluster, chosen: readonly Node[], to: ServerBuild): void {
  const settings = settingsOf(cluster);
  const isChosen = (name: string) => chosen.some((node) => node.name === name);
  for (const { replica, source } of linksOf(settings.sources)) {
    const node = cluster.nodes.find(({ name }) => name === replica);
    if (node === undefined || !isChosen(source) || isChosen(replica)) continue;
    if (roleIn(settings, source) === 'primary' || atLeast(readTitle(node.server).version, to.version)) continue;
    throw new UsageError(
      `${replica} (${node.server}) replicates from ${source}, which would be newer (${serverTitle(to)}): upgrade ${replica} too.`,
    );
  }
}
