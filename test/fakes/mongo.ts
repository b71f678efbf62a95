import type { Cluster, ClusterSpec } from '../../src/cluster/cluster.js';
import type { ServerBuild } from '../../src/cluster/server.js';
import { settle } from '../../src/topologies/mongo/settings.js';
import { nodeOf, sampleCluster } from './cluster.js';

export const MONGODB_8_0: ServerBuild = {
  dialect: 'mongodb',
  version: '8.0.4',
  programs: { server: '/usr/bin/mongod', router: '/usr/bin/mongos', client: '/usr/bin/mongosh' },
};

export const MONGODB_4_0: ServerBuild = { ...MONGODB_8_0, version: '4.0.3' };

/** A cluster as `mongo create` would resolve it. */
export function mongoCluster(settings: ClusterSpec['settings'] = {}, nodes = 3): Cluster {
  const settled = settle({ topology: 'mongo', nodes, settings });
  const plain = sampleCluster(settled.seats.length, { topology: 'mongo', settings: settled.settings });
  const placed = settled.seats.map((seat, position) => {
    const node = nodeOf(plain, position + 1);
    const socket = node.socket.replace('mysqld.sock', 'mongodb-27017.sock');
    return { ...node, ...seat, image: 'mongodb:8.0', server: 'mongodb 8.0.4', ports: { client: 27017 }, socket };
  });
  return { ...plain, nodes: placed };
}
