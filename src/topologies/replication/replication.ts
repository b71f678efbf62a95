import type { Node } from '../../cluster/cluster.js';
import type { Plan } from '../../cluster/plan.js';
import { serverTitle, type ServerBuild } from '../../cluster/server.js';
import { UsageError } from '../../errors/errors.js';
import { configStep } from '../../servers/mysqld/config.js';
import { familyOf } from '../../servers/mysqld/dialects.js';
import { mysqldPart } from '../../servers/mysqld/part.js';
import { assertMemory } from '../../servers/mysqld/memory.js';
import { plainPristine } from '../../servers/mysqld/plain-pristine.js';
import { channelsAt } from '../channels.js';
import { mysqldLogins } from '../mysqld-logins.js';
import { serverOf, type Setting, type Topology, type Wanted } from '../topology.js';
import { mysqldOptions } from '../mysqld-options.js';
import { renderConfig } from './config.js';
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
import { NEEDS, readSettings, settle } from './settings.js';
import { linksOf } from './shapes.js';
import { oldestOf, wordsOf } from './words.js';

/** Asynchronous and semi-synchronous replication of MySQL and MariaDB: by GTID, in several shapes. */
export const replication: Topology = {
  ...mysqldPart,
  name: 'replication',
  summary: 'MySQL and MariaDB replication',
  defaultImage: 'mysql:9.7',
  ports: { client: 3306 },
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
  channels: ({ nodes }) => channelsAt(nodes, { client: [3306], replication: [3306] }),
  life,
  growth,
  rebuild,
  upgrade,
  options: mysqldOptions({ needs: NEEDS }),
  data,
  transitions,
};

function check(servers: ReadonlyMap<string, ServerBuild>, { settings, memory }: Wanted): void {
  assertMemory(servers.values(), memory);
  for (const server of servers.values()) {
    if (wordsOf(server) === null) {
      const family = familyOf(server);
      throw new UsageError(
        `${serverTitle(server)} is too old: replication needs ${family} ${oldestOf(family)} or later.`,
      );
    }
  }
  for (const { replica, source } of linksOf(readSettings(settings).sources)) {
    assertFollows(replica, servers.get(replica), source, servers.get(source));
  }
}

function assertFollows(
  replica: string,
  ours: ServerBuild | undefined,
  source: string,
  theirs: ServerBuild | undefined,
) {
  if (ours === undefined || theirs === undefined || familyOf(ours) === familyOf(theirs)) return;
  throw new UsageError(
    `${replica} (${serverTitle(ours)}) can't replicate from ${source} (${serverTitle(theirs)}): MySQL and MariaDB have each their own GTIDs and binary log events.`,
    { suggestions: ['Give nodes that replicate from each other images of one family; versions may differ.'] },
  );
}

function prepare(setting: Setting, node: Node): Plan {
  const { build, image } = serverOf(setting, node);
  return configStep(node, renderConfig(setting.cluster, node, build, image));
}
