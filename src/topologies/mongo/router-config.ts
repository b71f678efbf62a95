import { settledPart, type Cluster, type Node } from '../../cluster/cluster.js';
import type { Plan } from '../../cluster/plan.js';
import { carryOverStep } from '../../servers/carry-over.js';
import { renderMongos } from '../../servers/mongod/config.js';
import type { Setting } from '../topology.js';
import { configServersOf, routersOf, setText } from './replica-set.js';
import { settingsOf } from './settings.js';

/** The mongos.conf of a router. */
export function routerConfig(cluster: Cluster, node: Node): string {
  const configServers = configServersOf(cluster);
  if (configServers === null) throw new Error(`${cluster.name} has no config servers`);
  return renderMongos(cluster, node, setText(configServers), settingsOf(cluster).auth);
}

/** Routers that stay find the config servers that there are now, should they start again: while they run they do anyway. */
export function routersPlan({ machine }: Setting, before: Cluster, after: Cluster): Plan {
  const known = new Set(routersOf(before).map(({ name }) => name));
  const routers = routersOf(after).filter(({ name }) => known.has(name));
  return {
    parallel: routers.flatMap((node) => {
      const formers = [before, settledPart(before)].map((cluster) => routerConfig(cluster, node));
      const now = routerConfig(after, node);
      return formers.every((former) => former === now)
        ? []
        : [carryOverStep(machine, node, 'mongos.conf', formers, now)];
    }),
  };
}
