import type { Node } from '../../cluster/cluster.js';
import type { Step } from '../../cluster/plan.js';
import { REPLICATION_ACCOUNT, hostsOf, makingReplicationAccounts } from '../../servers/mysqld/accounts.js';
import { formedStep } from '../../servers/mysqld/forming.js';
import { startStep } from '../../servers/mysqld/start.js';
import { initFileText, type Statement } from '../../servers/mysqld/statement.js';
import { render } from '../../templates/render.js';
import { serverOf, type Setting } from '../topology.js';

function initFile({ directory }: Pick<Node, 'directory'>): string {
  return `${directory}/init.sql`;
}

/**
 * Accounts and the credentials of recovery, which no pristine directory can have, are made before the server listens; the
 * first member makes the group as soon as it runs, and the others wait for their turn.
 */
export function firstStart(setting: Setting, node: Node, bootstraps = false): Step {
  const forming = render('group/forming.cnf', { initFile: initFile(node), bootstraps, apart: false });
  const step = startStep(setting.machine, node, serverOf(setting, node), forming);
  const content = initFileText(statements(setting));
  const init = { do: 'write', path: initFile(node), content, mode: 0o600, owner: 'server' } as const;
  return { ...step, acts: [init, ...step.acts] };
}

/** Apart from any group, where nobody writes on it meanwhile. */
export function startApart(setting: Setting, node: Node): Step {
  const forming = render('group/forming.cnf', { initFile: null, bootstraps: false, apart: true });
  return startStep(setting.machine, node, serverOf(setting, node), forming);
}

/** Every later start joins the group that is there, whoever starts the server. */
export function laterStartStep(node: Node): Step {
  const { step, acts } = formedStep(node);
  return { step, acts: [...acts, { do: 'remove', path: initFile(node) }] };
}

/** Source: refman "Configuring Replication User Credentials For Distributed Recovery". */
function statements({ cluster, password }: Setting): readonly Statement[] {
  const { subnet } = cluster.network;
  return [
    ...makingReplicationAccounts('mysql', subnet, password),
    {
      sql: 'GRANT CONNECTION_ADMIN, GROUP_REPLICATION_STREAM ON *.* TO ?@?',
      values: [REPLICATION_ACCOUNT, hostsOf(subnet)],
    },
    {
      sql: "CHANGE REPLICATION SOURCE TO SOURCE_USER = ?, SOURCE_PASSWORD = ? FOR CHANNEL 'group_replication_recovery'",
      values: [REPLICATION_ACCOUNT, password],
    },
  ];
}
