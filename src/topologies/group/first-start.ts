import type { Node } from '../../cluster/cluster.js';
import type { Act } from '../../cluster/plan.js';
import { REPLICATION_ACCOUNT, hostsOf, makingReplicationAccounts } from '../../servers/mysqld/accounts.js';
import { initFileText, type Statement } from '../../servers/mysqld/statement.js';
import type { Setting } from '../topology.js';

/** Statements that a member runs at its start, before it joins. */
export function initFile({ directory }: Pick<Node, 'directory'>): string {
  return `${directory}/init.sql`;
}

/**
 * Of the first start: accounts and the credentials of recovery, which no pristine directory can have, and on the first
 * member that it makes the group. So joining need not wait until somebody could log in.
 */
export function writeInitFile({ cluster, password }: Setting, node: Node): Act {
  return initFileAct(node, [
    ...makingReplicationAccounts('mysql', cluster.network.subnet, password),
    grantRecovery(cluster.network.subnet),
    {
      sql: "CHANGE REPLICATION SOURCE TO SOURCE_USER = ?, SOURCE_PASSWORD = ? FOR CHANNEL 'group_replication_recovery'",
      values: [REPLICATION_ACCOUNT, password],
    },
    ...(node.index === 1 ? [{ sql: 'SET GLOBAL group_replication_bootstrap_group = ON', values: [] }] : []),
  ]);
}

/** Of every later start: nothing. Whatever starts the server again may use the same words. */
export function emptyInitFile(node: Node): Act {
  return initFileAct(node, []);
}

function initFileAct(node: Node, statements: readonly Statement[]): Act {
  return { do: 'write', path: initFile(node), content: initFileText(statements), mode: 0o600, owner: 'server' };
}

/** Source: refman "Configuring Replication User Credentials For Distributed Recovery". */
function grantRecovery(subnet: string): Statement {
  return {
    sql: 'GRANT CONNECTION_ADMIN, BACKUP_ADMIN, GROUP_REPLICATION_STREAM ON *.* TO ?@?',
    values: [REPLICATION_ACCOUNT, hostsOf(subnet)],
  };
}
