import type { Cluster } from '../../cluster/cluster.js';
import { assertDatabase, connectionTo } from '../../servers/mongod/connection.js';
import type { Role } from '../routes.js';
import type { Connection, Door, Login } from '../topology.js';
import { routersOf, setName, setOfNode, shownMembers } from './replica-set.js';
import { ROUTERS, settingsOf } from './settings.js';

/** What a driver is told of whom it may read from, beside the primary alone, which is its own default. */
const READ_PREFERENCES: Readonly<Record<Role, string | null>> = {
  primary: null,
  replica: 'secondary',
  any: 'primaryPreferred',
};

/** A cluster by its routers, or by its set; a node that was named by itself. */
export function connection(cluster: Cluster, { node, named, role }: Door, { password, database }: Login): Connection {
  if (database !== null) assertDatabase(database);
  const settings = settingsOf(cluster);
  const { auth, shards } = settings;
  // An arbiter has no data, and knows no account.
  const secret = auth && !(named && node.role === 'arbiter') ? password : null;
  const common = { password: secret, database, readPreference: READ_PREFERENCES[role] };
  if (named) return connectionTo({ ...common, nodes: [node], replicaSet: null, direct: node.group !== ROUTERS });
  if (shards !== null) {
    return connectionTo({ ...common, nodes: routersOf(cluster), replicaSet: null, direct: false });
  }
  const set = setOfNode(cluster, node);
  const nodes = set === null ? [node] : shownMembers(settings, set.members);
  return connectionTo({ ...common, nodes, replicaSet: setName(node.group), direct: false });
}
