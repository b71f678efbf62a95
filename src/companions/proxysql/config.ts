import { ipv6Of } from '../../cluster/family.js';
import { readTitle } from '../../cluster/server.js';
import { familyOf } from '../../servers/mysqld/dialects.js';
import { ACCOUNT } from '../../servers/mysqld/connection.js';
import { render } from '../../templates/render.js';
import type { AdminAccount, Front, Leading, Standing } from '../companion.js';
import { birthRows, HOSTGROUPS, toldRows } from './hostgroups.js';
import { quote } from './sql.js';

/** What it is made from. */
export function configFile({ companion }: Pick<Standing, 'companion'>): string {
  return `${companion.directory}/proxysql.cnf`;
}

/** What it keeps by itself; while it is there, the configuration file is not read. */
export function databaseFile({ companion }: Pick<Standing, 'companion'>): string {
  return `${companion.directory}/proxysql.db`;
}

/** `templates/proxysql/proxysql.cnf.hbs`. */
export function renderConfig({ companion, front }: Standing, leading: Leading, admin: AdminAccount): string {
  const { cluster, sign, server, password } = front;
  return render('proxysql/proxysql.cnf', {
    ...{ companion, cluster, admin, hostgroups: HOSTGROUPS, ipv6: ipv6Of(front.network, companion) },
    ...{ version: versionOf(server), plugin: pluginOf(server) },
    monitor: { user: ACCOUNT, password: inVariable(password) },
    account: { user: ACCOUNT, password: inUsers(password) },
    servers: sign === null ? toldRows(front, leading) : birthRows(front),
    isGalera: sign === 'wsrep',
    checkType: sign === 'wsrep' ? null : sign,
  });
}

/** As servers say it at the beginning of a connection. */
function versionOf(server: Front['server']): string {
  const title = readTitle(server);
  return familyOf(title) === 'mariadb' ? `${title.version}-MariaDB` : title.version;
}

/** What clients of such servers begin with. */
function pluginOf(server: Front['server']): string {
  return familyOf(readTitle(server)) === 'mariadb' ? 'mysql_native_password' : 'caching_sha2_password';
}

/**
 * A string of the file. ProxySQL 2.7.1 puts what it reads into its own statements as it is: a variable between `"`, a column of
 * mysql_users between `'`. Source: lib/ProxySQL_Config.cpp, Read_…_from_configfile.
 */
const inVariable = (value: string) => inFile(value.replaceAll('"', '""'));
const inUsers = (value: string) => inFile(quote(value).slice(1, -1));

/** Source: libconfig's manual, "String Values". */
function inFile(value: string): string {
  return value.replace(/["\\]/g, '\\$&');
}
