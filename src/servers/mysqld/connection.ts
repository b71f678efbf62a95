import type { Cluster, Node } from '../../cluster/cluster.js';
import type { ServerBuild } from '../../cluster/server.js';
import { CLIENT_FILE } from '../kind.js';

/** The one remote account of a cluster. */
export const ACCOUNT = 'dbns';

export function connection(_cluster: Cluster, { node }: { readonly node: Node }, password: string) {
  const port = 3306;
  return {
    uri: `mysql://${ACCOUNT}:${encodeURIComponent(password)}@${node.address}:${port}/`,
    host: node.address,
    port,
    user: ACCOUNT,
    password,
    env: { MYSQL_HOST: node.address, MYSQL_TCP_PORT: String(port), MYSQL_PWD: password },
  };
}

/** The client over the socket, which a broken network can't hide, with the password in a file of its own. */
export function client(
  _cluster: Cluster,
  { node }: { readonly node: Node },
  { programs }: ServerBuild,
  password: string,
) {
  const quoted = password.replace(/["\\]/g, '\\$&');
  return {
    argv: [programs.client ?? '', `--defaults-extra-file=${CLIENT_FILE}`],
    file: `[client]\nuser = ${ACCOUNT}\npassword = "${quoted}"\nsocket = ${node.socket}\n`,
  };
}
