import type { Node } from '../../cluster/cluster.js';
import type { Plan } from '../../cluster/plan.js';
import { atLeast, serverTitle, type ServerBuild } from '../../cluster/server.js';
import { UsageError } from '../../errors/errors.js';
import { configStep } from '../../servers/mysqld/config.js';
import { mysqldPart } from '../../servers/mysqld/part.js';
import { assertMemory } from '../../servers/mysqld/memory.js';
import { plainPristine } from '../../servers/mysqld/plain-pristine.js';
import { channelsAt } from '../channels.js';
import { mysqldLogins } from '../mysqld-logins.js';
import { serverOf, type Setting, type Topology, type Wanted } from '../topology.js';
import { mysqldOptions } from '../mysqld-options.js';
import { XCOM_PORT, renderConfig } from './config.js';
import { data } from './data.js';
import { finish } from './finish.js';
import { formations } from './formation.js';
import { columns, health } from './health.js';
import { promote } from './promote.js';
import { growth } from './growth/growth.js';
import { life } from './life.js';
import { rebuild } from './rebuild.js';
import { upgrade } from './upgrade.js';
import { routes } from './routes.js';
import { transitions } from './transitions.js';
import { NEEDS, settingsOf, settle } from './settings.js';

/** MySQL Group Replication: members agree on every transaction, and elect their primary among themselves. */
export const group: Topology = {
  ...mysqldPart,
  name: 'group',
  summary: 'MySQL Group Replication',
  defaultImage: 'mysql:9.7',
  ports: { client: 3306, group: XCOM_PORT },
  settle,
  check,
  pristine: plainPristine,
  prepare,
  formations,
  finish,
  logins: mysqldLogins,
  health,
  columns,
  promote,
  routes,
  // By the server's own port a newcomer gets what it lacks, whatever else members talk by.
  channels(cluster) {
    const { communicationStack } = settingsOf(cluster);
    const replication = communicationStack === 'xcom' ? [XCOM_PORT, 3306] : [3306];
    return channelsAt(cluster.nodes, { client: [3306], replication });
  },
  life,
  growth,
  rebuild,
  upgrade,
  options: mysqldOptions({ needs: NEEDS }),
  data,
  transitions,
};

/** Since which version a dialect has it with both communication stacks; a dialect without one has none. */
const SINCE: Readonly<Partial<Record<string, string>>> = { mysql: '8.0.27', percona: '8.0.27' };

function check(servers: ReadonlyMap<string, ServerBuild>, { memory }: Wanted): void {
  for (const server of servers.values()) checkServer(server);
  assertMemory(servers.values(), memory);
  const titles = new Set([...servers.values()].map(serverTitle));
  if (titles.size > 1) {
    throw new UsageError(
      `Members join in any order, and an older one can't join newer ones: all nodes are of one server, not of ${[...titles].join(' and ')}.`,
    );
  }
}

function checkServer(server: ServerBuild): void {
  const since = SINCE[server.dialect];
  if (since === undefined) {
    throw new UsageError(
      `${serverTitle(server)} has no Group Replication: 'dbns pxc create' makes a synchronous cluster of MariaDB and Percona XtraDB Cluster.`,
    );
  }
  if (!atLeast(server.version, since)) {
    throw new UsageError(`${serverTitle(server)} is too old: group needs ${server.dialect} ${since} or later.`);
  }
}

function prepare(setting: Setting, node: Node): Plan {
  const { build, image } = serverOf(setting, node);
  return configStep(node, renderConfig(setting.cluster, node, build, image));
}
