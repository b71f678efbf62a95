import type { Node } from '../../cluster/cluster.js';
import type { Plan, Step } from '../../cluster/plan.js';
import { REPLICATION_ACCOUNT, hostsOf, makeReplicationAccounts } from '../../servers/mysqld/accounts.js';
import { ask, rootAt } from '../../servers/mysqld/client.js';
import { ACCOUNT } from '../../servers/mysqld/connection.js';
import { familyOf } from '../../servers/mysqld/dialects.js';
import { startStep } from '../../servers/mysqld/start.js';
import { whenUp } from '../../servers/mysqld/up.js';
import { render } from '../../templates/render.js';
import { askStep } from '../ask-step.js';
import { serverOf, type Formation, type Setting } from '../topology.js';
import { nodeNamed, wordsFor } from './nodes.js';
import { settingsOf } from './settings.js';
import { linksOf, type Link } from './shapes.js';
import { askLogPosition } from './state.js';
import { changeSource, startReplica, type From } from './statements.js';
import { follow, sourceOf } from './channels.js';

/** All servers at once; then every replica is told its source, as all have their accounts. */
export function formations(setting: Setting): readonly Formation[] {
  const { nodes } = setting.cluster;
  const plan: Plan = {
    title: `start ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'} and let them replicate`,
    sequence: [
      {
        parallel: nodes.map((node) => ({ sequence: [start(setting, node, 'writable'), accountsStep(setting, node)] })),
      },
      { parallel: linksOf(settingsOf(setting.cluster).sources).map((link) => linkStep(setting, link)) },
    ],
  };
  return [{ title: 'by their shape', plan, patience: null }];
}

/**
 * How a server starts: `writable` one that has no accounts so far; `apart` one that is to get data by another way, takes no
 * writes and replicates from nobody, whatever its data say.
 */
export type Beginning = 'writable' | 'apart' | 'as configured';

/** No commit waits for replicas yet. */
export function start(setting: Setting, node: Node, as: Beginning): Step {
  const { readOnly, semiSync, replica } = wordsFor(setting, node);
  const forming = render('replication/forming.cnf', {
    ...{ readOnly, semiSync: semiSync.source, replica: replica.toLowerCase() },
    ...{ writable: as === 'writable', apart: as === 'apart' },
  });
  return startStep(setting.machine, node, serverOf(setting, node), forming);
}

export function accountsStep(setting: Setting, node: Node): Step {
  const { cluster, password } = setting;
  const family = familyOf(serverOf(setting, node).build);
  const { subnet } = cluster.network;
  return askStep(
    `make the accounts of ${node.name}`,
    node,
    `not logged: CREATE USER '${ACCOUNT}'@'%', '${REPLICATION_ACCOUNT}'@'${hostsOf(subnet)}'`,
    (context) => whenUp(context, node, (session) => makeReplicationAccounts(session, family, subnet, password)),
  );
}

function linkStep(setting: Setting, link: Link): Step {
  const replica = nodeNamed(setting, link.replica);
  const source = nodeNamed(setting, link.source);
  const words = wordsFor(setting, replica);
  const { gtid } = settingsOf(setting.cluster);
  const statement = changeSource(words, sourceOf(setting, link, 'gtid'));
  return askStep(
    `let ${replica.name} replicate from ${source.name}`,
    replica,
    `${gtid ? statement.sql : 'CHANGE … to the position of its source'}; ${startReplica(words, link.channel).sql}`,
    async () => {
      const from = gtid ? 'gtid' : await beginningOf(setting, source);
      await ask(rootAt(replica.socket), 30_000, (session) => follow(session, setting, link, from));
    },
  );
}

/** Where a source without GTIDs stands now: all servers are still the same. */
function beginningOf(setting: Setting, source: Node): Promise<From> {
  return ask(rootAt(source.socket), 5000, (session) => askLogPosition(session, wordsFor(setting, source)));
}
