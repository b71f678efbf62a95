import type { Cluster, Node } from '../../cluster/cluster.js';
import type { ServerBuild } from '../../cluster/server.js';
import { readTitle } from '../../cluster/server.js';
import { UsageError } from '../../errors/errors.js';
import { authorityDirectory, authorityFiles, hasCertificates } from '../certificates/files.js';
import { CLIENT_FILE, type Connecting } from '../kind.js';
import { familyOf, type Family } from './dialects.js';
import { valueOf } from './options.js';

/** A name in the container that nothing has. */
const NO_FILE = '/run/no-login-paths';

/** The one remote account of a cluster. */
export const ACCOUNT = 'dbns';

export function connection(
  cluster: Cluster,
  { node, nodes, verifiable }: { readonly node: Node; readonly nodes: readonly Node[]; readonly verifiable: boolean },
  { password, database }: { readonly password: string; readonly database: string | null },
) {
  if (database !== null) assertDatabase(database);
  // MariaDB's driver for Node takes its own word alone; most others take both.
  const scheme = familyOf(readTitle(node.server));
  const path = encodeURIComponent(database ?? '');
  return {
    uri: `${scheme}://${ACCOUNT}:${encodeURIComponent(password)}@${node.address}:${node.ports.client}/${path}`,
    host: node.address,
    port: node.ports.client ?? 0,
    hosts: nodes.map(({ address, ports }) => `${address}:${ports.client}`),
    user: ACCOUNT,
    password,
    database,
    ca: verifiable ? caOf(cluster, node) : null,
    env: { MYSQL_HOST: node.address, MYSQL_TCP_PORT: String(node.ports.client), MYSQL_PWD: password },
  };
}

/** By which a server is verified; of a certificate that is the user's own what the user says. */
function caOf(cluster: Cluster, { options }: Pick<Node, 'options'>): string | null {
  if (valueOf(options, 'ssl_cert') !== null) return valueOf(options, 'ssl_ca');
  return hasCertificates(cluster) ? authorityFiles(authorityDirectory(cluster)).certificate : null;
}

/** @throws UsageError for what no server takes as a name. Source: refman "Schema Object Names". */
function assertDatabase(name: string): void {
  if (/^\P{Cc}{1,64}$/u.test(name) && !/(^\.+| )$/.test(name)) return;
  throw new UsageError(
    `--database '${name}': a database's name has 1 to 64 characters, no control character, no space at its end, and is not of dots alone.`,
  );
}

/**
 * The client over the socket, which a broken network can't hide, or by way of a proxy, with the password in a file of its own. It reads no
 * other: neither the image's option files nor a user's. Text is UTF-8 on all ways, whatever the locale is.
 */
export function client(
  cluster: Cluster,
  {
    node,
    proxied,
    verifiable,
    user = ACCOUNT,
  }: { readonly node: Node; readonly proxied: boolean; readonly verifiable: boolean; readonly user?: string },
  { dialect, programs }: ServerBuild,
  password: string,
  statement?: string,
) {
  const ca = proxied && verifiable ? caOf(cluster, node) : null;
  return {
    visible: ca === null ? [] : [ca],
    argv: [
      programs.client ?? '',
      `--defaults-file=${CLIENT_FILE}`,
      ...(statement === undefined ? [] : [`--execute=${statement}`]),
    ],
    file: [
      '[client]',
      `user = ${user}`,
      `password = ${quoteOption(password)}`,
      ...(proxied
        ? [
            'protocol = tcp',
            `host = ${node.address}`,
            `port = ${node.ports.client}`,
            ...verifyLines(ca, familyOf({ dialect })),
          ]
        : ['protocol = socket', `socket = ${node.socket}`]),
      'default-character-set = utf8mb4',
      '',
    ].join('\n'),
    // MySQL's own would have the last word: users' login paths are read after all option files.
    environment: { MYSQL_TEST_LOGIN_FILE: NO_FILE },
  };
}

/** What makes the servers' own clients verify whom they talk to; none without a CA. */
export function verifyLines(ca: string | null, family: Family): readonly string[] {
  if (ca === null) return [];
  const verify = family === 'mariadb' ? 'ssl-verify-server-cert' : 'ssl-mode = VERIFY_IDENTITY';
  return [`ssl-ca = ${ca}`, verify];
}

/** A home inside, with the one file that is read after all others. */
const HOME = '/run/dbns-home';

/**
 * Any program that reads the option files of MySQL's family, and those that it starts: by a file of the home, the last that is
 * read. What not all of them know stands in no group of all.
 */
export function connecting(
  _cluster: Cluster,
  { node, proxied }: { readonly node: Node; readonly proxied: boolean },
  password: string,
): Connecting {
  return {
    words: [],
    at: `${HOME}/.my.cnf`,
    file: [
      '[client]',
      `user = ${ACCOUNT}`,
      `password = ${quoteOption(password)}`,
      ...(proxied ? [`host = ${node.address}`, `port = ${node.ports.client}`] : [`socket = ${node.socket}`]),
      '[mysql]',
      'default-character-set = utf8mb4',
      '',
    ].join('\n'),
    environment: { HOME, MYSQL_TEST_LOGIN_FILE: NO_FILE },
  };
}

/** A value in a file of options: by its quotes, spaces at its ends and `#` are its own. */
export function quoteOption(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
