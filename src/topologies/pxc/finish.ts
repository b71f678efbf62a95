import type { Node } from '../../cluster/cluster.js';
import type { Plan, Step } from '../../cluster/plan.js';
import { grantAll } from '../../servers/mysqld/accounts.js';
import { ask, rootAt, variables, type Session } from '../../servers/mysqld/client.js';
import { ACCOUNT } from '../../servers/mysqld/connection.js';
import { formedStep } from '../../servers/mysqld/forming.js';
import { isSaidByServer } from '../../servers/said.js';
import { askStep } from '../ask-step.js';
import { mysqldLogins } from '../mysqld-logins.js';
import { mysqldUpgrade } from '../mysqld-upgrade.js';
import type { Setting } from '../topology.js';
import { sstAccountSteps } from './sst.js';
import { isNewer } from './versions.js';
import {
  lastingOptions,
  meetingOptions,
  RESTORING_VARIABLES,
  restoredOptions,
  restoringStatements,
  settingStatements,
} from './provider-options.js';

/** The account (which Galera carries to all nodes), Galera's own timeouts again, and every node asked at its address. */
export function finish(setting: Setting): Plan {
  const { nodes } = setting.cluster;
  return {
    title: 'set up the account and ask every node at its address',
    sequence: [
      { parallel: [accountStep(setting), ...sstAccountSteps(setting), formed(setting, nodes)] },
      { parallel: nodes.flatMap((node) => (isNewer(setting, node) ? [mysqldUpgrade.complete(setting, node)] : [])) },
      mysqldLogins(setting),
    ],
  };
}

/** No node is started once more as it was when the cluster formed, and those that run have Galera's own timeouts again. */
export function formed(setting: Setting, running: readonly Node[], nodes = setting.cluster.nodes): Plan {
  return { parallel: [...running.map((node) => restoreStep(setting, node)), ...nodes.map(formedStep)] };
}

function accountStep({ cluster: { nodes }, password }: Setting): Step {
  const [first] = nodes;
  return {
    step: `make the account '${ACCOUNT}'`,
    acts: [
      {
        do: 'ask',
        what: `${first?.name ?? ''} over its socket: CREATE USER '${ACCOUNT}'@'%', GRANT ALL`,
        ask: async () => {
          await ask(rootAt(first?.socket ?? ''), 10_000, (session) => grantAll(session, password));
        },
      },
    ],
  };
}

function restoreStep({ cluster }: Setting, node: Node): Step {
  const lasting = lastingOptions(cluster, node);
  const periods = restoredOptions(lasting);
  return {
    step: `put back Galera's timeouts on ${node.name}, and give it its vote`,
    acts: [
      {
        do: 'ask',
        what: `${node.name} over its socket: ${settingStatements(periods, false).join('; ') || 'nothing to put back'}`,
        ask: async () => {
          await ask(rootAt(node.socket), 5000, async (session) => {
            const names = RESTORING_VARIABLES.map((name) => `'${name}'`).join(', ');
            const said = variables(await session.query(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`));
            for (const statement of restoringStatements(lasting, said)) await session.query(statement);
          });
        },
      },
    ],
  };
}

/** Whom others are joining, or have joined: who does not answer has Galera's own periods again from its next start on. */
export function meetingStep({ cluster }: Setting, node: Node, joining: boolean): Step {
  const periods = meetingOptions(lastingOptions(cluster, node), joining ? cluster.nodes.length : null);
  const what = settingStatements(periods, false).join('; ') || 'nothing';
  return askStep(
    joining ? `let ${node.name} listen for others` : `put back Galera's timeouts on ${node.name}`,
    node,
    what,
    async () => {
      await ask(rootAt(node.socket), 5000, (session) => setPeriods(session, periods)).catch((error: unknown) => {
        if (!isSaidByServer(error)) throw error;
      });
    },
  );
}

/** Sets periods of Galera's, in seconds, in whatever way the server has for it. */
export async function setPeriods(session: Session, periods: ReadonlyMap<string, number>): Promise<void> {
  const own = await session.query("SHOW GLOBAL VARIABLES LIKE 'wsrep_provider_evs_keepalive_period'");
  for (const statement of settingStatements(periods, own.length > 0)) await session.query(statement);
}
