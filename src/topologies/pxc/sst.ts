import { createHash } from 'node:crypto';
import type { Cluster, Node } from '../../cluster/cluster.js';
import type { Act, Step } from '../../cluster/plan.js';
import { readTitle, serverTitle, type ServerBuild } from '../../cluster/server.js';
import { UsageError } from '../../errors/errors.js';
import { ask, rootAt } from '../../servers/mysqld/client.js';
import { dialectNamed } from '../../servers/mysqld/dialects.js';
import { valueOf } from '../../servers/mysqld/options.js';
import type { Setting } from '../setting.js';
import { settingsOf, type PxcSettings } from './settings.js';

/** The way in which nodes take all data over; a user's own option wins. */
export function sstMethodOf(cluster: Pick<Cluster, 'settings'>, node: Pick<Node, 'server' | 'options'>): string {
  const given = valueOf(node.options, 'wsrep_sst_method');
  return given ?? settingsOf(cluster).sst ?? defaultMethod(readTitle(node.server));
}

/** The first way of a server's dialect. */
export function defaultMethod({ dialect }: Pick<ServerBuild, 'dialect'>): string {
  return dialectNamed(dialect).galera?.sst[0] ?? '';
}

/** @throws UsageError where the server has not that way, or the image not its program. */
export function assertMethod(server: ServerBuild, { sst }: PxcSettings): void {
  if (sst === null) return;
  const methods = dialectNamed(server.dialect).galera?.sst ?? [];
  if (!methods.includes(sst))
    throw new UsageError(
      `--sst ${sst}: ${serverTitle(server)} takes all data over by ${methods.join(' or ')}; leave --sst out.`,
    );
  if (sst === 'mariabackup' && server.programs.backup === undefined)
    throw new UsageError(`--sst mariabackup: the image of ${serverTitle(server)} has no mariadb-backup.`, {
      suggestions: ['--sst rsync, or an image with the package mariadb-backup'],
    });
}

/** The account by which mariabackup reads a donor; it is let in over the donor's socket alone. */
const ACCOUNT = 'sst';

/** What it needs to see all tables and the position, and no more. Source: mariadb.com/kb "mariadb-backup". */
const RIGHTS = 'RELOAD, PROCESS, LOCK TABLES, REPLICATION CLIENT';

/** The file that says so to a node's server; null where its way needs no account. */
export function sstFile(cluster: Pick<Cluster, 'settings'>, { directory }: Pick<Node, 'directory'>): string | null {
  return settingsOf(cluster).sst === 'mariabackup' ? `${directory}/sst.cnf` : null;
}

/** It is out of everybody else's sight, as my.cnf is not. */
export function sstFileActs(setting: Setting, node: Node): readonly Act[] {
  const path = sstFile(setting.cluster, node);
  if (path === null) return [];
  const content = `[mysqld]\nwsrep_sst_auth = ${ACCOUNT}:${passwordOf(setting)}\n`;
  return [{ do: 'write', path, content, mode: 0o600, owner: 'server' }];
}

/** The same on all nodes, whenever they come; it has what policies want of a password. */
function passwordOf({ cluster, password }: Setting): string {
  return `Sst-${createHash('sha256').update(`sst ${cluster.id} ${password}`).digest('hex').slice(0, 40)}`;
}

/** Makes the account, which Galera carries to all nodes; no step where none is needed. */
export function sstAccountSteps(setting: Setting): readonly Step[] {
  const [first] = setting.cluster.nodes;
  if (first === undefined || sstFile(setting.cluster, first) === null) return [];
  const account = `'${ACCOUNT}'@'localhost'`;
  const make = async () => {
    await ask(rootAt(first.socket), 10_000, async (session) => {
      await session.query(`CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY ?`, [passwordOf(setting)]);
      await session.query(`GRANT ${RIGHTS} ON *.* TO ${account}`);
    });
  };
  const what = `${first.name} over its socket: CREATE USER ${account}, GRANT ${RIGHTS}`;
  return [{ step: `make the account '${ACCOUNT}' of state transfers`, acts: [{ do: 'ask', what, ask: make }] }];
}

/** What a transfer of all data does to the donor, as the end of a sentence. */
export function costOf(method: string): string {
  if (method.startsWith('rsync')) return "; rsync blocks the donor's writes while it copies";
  if (method === 'mariabackup') return '; its script waits ten seconds before it copies';
  return '';
}
