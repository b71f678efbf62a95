import type { Node } from '../../cluster/cluster.js';
import type { Act, Step } from '../../cluster/plan.js';
import { REPLICATION_ACCOUNT, hostsOf, makingReplicationAccounts } from '../../servers/mysqld/accounts.js';
import { initFileText, type Statement } from '../../servers/mysqld/statement.js';
import { render } from '../../templates/render.js';
import type { Setting } from '../topology.js';

/** What a my.cnf includes besides: options of the first start, and nothing in it later. */
export function firstStartFile({ directory }: Pick<Node, 'directory'>): string {
  return `${directory}/first-start.cnf`;
}

function initFile({ directory }: Pick<Node, 'directory'>): string {
  return `${directory}/init.sql`;
}

/**
 * Accounts and the credentials of recovery, which no pristine directory can have, are made before the server listens; the
 * first member makes the group as soon as it runs, and the others wait for their turn.
 */
export function firstStartActs(setting: Setting, node: Node): readonly Act[] {
  const options = render('group/first-start.cnf', { initFile: initFile(node), isFirst: node.index === 1 });
  return [
    { do: 'write', path: initFile(node), content: initFileText(statements(setting)), mode: 0o600, owner: 'server' },
    { do: 'write', path: firstStartFile(node), content: options, mode: 0o644, owner: 'root' },
  ];
}

/** Every later start joins the group that is there, whoever starts the server. */
export function laterStartStep(node: Node): Step {
  return {
    step: `forget the first start of ${node.name}`,
    acts: [
      { do: 'write', path: firstStartFile(node), content: '', mode: 0o644, owner: 'root' },
      { do: 'remove', path: initFile(node) },
    ],
  };
}

/** Source: refman "Configuring Replication User Credentials For Distributed Recovery". */
function statements({ cluster, password }: Setting): readonly Statement[] {
  const { subnet } = cluster.network;
  return [
    ...makingReplicationAccounts('mysql', subnet, password),
    {
      sql: 'GRANT CONNECTION_ADMIN, BACKUP_ADMIN, GROUP_REPLICATION_STREAM ON *.* TO ?@?',
      values: [REPLICATION_ACCOUNT, hostsOf(subnet)],
    },
    {
      sql: "CHANGE REPLICATION SOURCE TO SOURCE_USER = ?, SOURCE_PASSWORD = ? FOR CHANNEL 'group_replication_recovery'",
      values: [REPLICATION_ACCOUNT, password],
    },
  ];
}
