import type { Node } from '../../cluster/cluster.js';
import type { Plan } from '../../cluster/plan.js';
import { UsageError } from '../../errors/errors.js';
import { dialectNamed } from '../../servers/mysqld/dialects.js';
import { mysqldPart } from '../../servers/mysqld/part.js';
import { assertMemory } from '../../servers/mysqld/memory.js';
import { atLeast, serverTitle, type ServerBuild } from '../../cluster/server.js';
import { channelsAt } from '../channels.js';
import { mysqldLogins } from '../mysqld-logins.js';
import { serverOf, type Setting, type Topology, type Wanted } from '../topology.js';
import { configStep, subjectOf } from '../../servers/mysqld/config.js';
import { mysqldOptions } from '../mysqld-options.js';
import { mysqldUpgrade } from '../mysqld-upgrade.js';
import { TEMPLATES, providerLine, renderConfig } from './config.js';
import { assertProviderOptions, providerInForce } from './provider-options.js';
import { data } from './data.js';
import { finish } from './finish.js';
import { formations } from './formation.js';
import { columns, health } from './health.js';
import { pristine } from './pristine.js';
import { lastingOptions } from './provider-options.js';
import { isNewer, oldestOf } from './versions.js';
import { growth } from './growth/growth.js';
import { life } from './life.js';
import { rebuild } from './rebuild.js';
import { upgrade } from './upgrade.js';
import { routes } from './routes.js';
import { transitions } from './transitions.js';
import { readSettings, settingsOf, settle } from './settings.js';
import { assertMethod, sstFile, sstFileActs } from './sst.js';

const PORTS = { client: 3306, replication: 4567, ist: 4568, sst: 4444 } as const;

/** Percona XtraDB Cluster and MariaDB Galera: every node takes writes, and every commit is on all of them. */
export const pxc: Topology = {
  ...mysqldPart,
  name: 'pxc',
  summary: 'Percona XtraDB Cluster and MariaDB Galera clusters',
  defaultImage: 'mariadb:10.11',
  ports: PORTS,
  settle,
  check,
  pristine,
  origin: oldestOf,
  prepare,
  formations,
  finish,
  logins: mysqldLogins,
  health,
  columns,
  promote: 'Every node of a pxc cluster takes writes: there is no primary to promote.',
  routes,
  channels({ nodes }) {
    const { client, replication, ist, sst } = PORTS;
    return channelsAt(nodes, { client: [client], replication: [replication], ist: [ist], sst: [sst] });
  },
  life,
  growth,
  rebuild,
  upgrade,
  options: mysqldOptions({ check: assertProviderOptions, lineOf: providerLine, isInForce: providerInForce }),
  data,
  transitions,
};

function check(servers: ReadonlyMap<string, ServerBuild>, { settings, memory }: Wanted): void {
  assertTalk([...servers.values()]);
  for (const server of servers.values()) {
    checkServer(server);
    assertMethod(server, readSettings(settings));
  }
  assertMemory(servers.values(), memory);
}

/** Versions of one server; each takes data of those before it. */
function assertTalk(servers: readonly ServerBuild[]): void {
  const [first, ...others] = servers;
  const other = others.find(({ dialect }) => dialect !== first?.dialect);
  if (first === undefined || other === undefined) return;
  throw new UsageError(
    `A pxc cluster forms from copies of one data directory, so its nodes are versions of one server, not ${serverTitle(first)} and ${serverTitle(other)}.`,
  );
}

function checkServer(server: ServerBuild): void {
  if (TEMPLATES[server.dialect] === undefined) {
    throw new UsageError(`${serverTitle(server)} has no Galera: pxc needs MariaDB or Percona XtraDB Cluster.`);
  }
  const { since } = dialectNamed(server.dialect);
  if (since !== null && !atLeast(server.version, since)) {
    throw new UsageError(`${serverTitle(server)} is too old: dbns knows this server from ${since} on.`);
  }
  if (server.programs.galera === undefined) {
    throw new UsageError(`${serverTitle(server)} is there, but no Galera library (libgalera_smm.so) beside it.`);
  }
}

function prepare(setting: Setting, node: Node): Plan {
  const { cluster } = setting;
  const { build, image } = serverOf(setting, node);
  const members = cluster.nodes.map(({ address }) => address);
  const providerOptions = lastingOptions(cluster, node);
  const membership = { members, providerOptions, sst: settingsOf(cluster).sst, sstFile: sstFile(cluster, node) };
  const { acts, ...step } = configStep(node, renderConfig(subjectOf(cluster, node), membership, build, image));
  const config = { ...step, acts: [...acts, ...sstFileActs(setting, node)] };
  return isNewer(setting, node) ? { sequence: [config, mysqldUpgrade.prepare(setting, node)] } : config;
}
