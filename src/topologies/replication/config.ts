import type { Cluster, Node } from '../../cluster/cluster.js';
import type { ServerBuild } from '../../cluster/server.js';
import type { Image } from '../../images/image.js';
import { configContext, subjectOf } from '../../servers/mysqld/config.js';
import { familyOf } from '../../servers/mysqld/dialects.js';
import { render } from '../../templates/render.js';
import { isReadOnly, roleIn, settingsOf, type ReplicationSettings } from './settings.js';
import { MANY_SOURCES, MANY_WRITERS } from './shapes.js';
import { wordsOf } from './words.js';

/** The my.cnf of a node, as its part is by the settings of the cluster. */
export function renderConfig(cluster: Cluster, node: Node, build: ServerBuild, image: Image): string {
  const settings = settingsOf(cluster);
  const { shape, gtid, workers, filters } = settings;
  const manyWriters = MANY_WRITERS.has(shape);
  const mesh = shape === 'all-masters' && gtid;
  const family = familyOf(build);
  return render(`replication/${family}.cnf`, {
    ...configContext(subjectOf(cluster, node), build, image),
    role: roleIn(settings, node.name),
    gtid,
    // Without GTIDs nobody could tell that a transaction came twice.
    logUpdates: shape === 'all-masters' && !gtid ? 'OFF' : 'ON',
    domain: MANY_SOURCES.has(shape) ? node.index : null,
    ignoreDuplicates: manyWriters ? 'ON' : 'OFF',
    readOnly: isReadOnly(settings, node.name),
    mesh,
    // The order of a source's commits is kept by one.
    workers: workers ?? (mesh && family === 'mysql' ? 1 : null),
    filters: filters[node.name] ?? [],
    increment: manyWriters ? incrementOf(cluster) : null,
    semiSync: settings.semiSync ? semiSyncOf(settings, node.name, build) : null,
  });
}

/**
 * By how much the numbers of AUTO_INCREMENT go on where every node takes writes: at least the highest number of a node,
 * which MySQL would ignore as an offset else. Powers of two, so that two nodes of which one has not heard yet of a third
 * give out different numbers all the same; and few newcomers change it.
 */
export function incrementOf({ nodes }: Pick<Cluster, 'nodes'>): number {
  return 2 ** Math.ceil(Math.log2(Math.max(...nodes.map(({ index }) => index))));
}

function semiSyncOf(settings: ReplicationSettings, node: string, build: ServerBuild) {
  const onOff = (on: boolean) => (on ? 'ON' : 'OFF');
  return {
    ...wordsOf(build)?.semiSync,
    sourceEnabled: onOff(isSource(settings, node)),
    replicaEnabled: onOff((settings.sources[node] ?? []).length > 0),
  };
}

/** Whether anybody replicates from a node. */
export function isSource({ sources }: ReplicationSettings, node: string): boolean {
  return Object.values(sources).some((from) => from.includes(node));
}
