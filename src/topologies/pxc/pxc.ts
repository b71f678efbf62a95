import type { ClusterSpec, Node } from '../../cluster/cluster.js';
import type { Plan } from '../../cluster/plan.js';
import { UsageError } from '../../errors/errors.js';
import { inspectMysqld } from '../../servers/mysqld/inspect.js';
import { planMemory } from '../../servers/mysqld/memory.js';
import { assertOptions } from '../../servers/mysqld/options.js';
import { serverTitle, type ServerBuild } from '../../cluster/server.js';
import type { Setting, Topology } from '../topology.js';
import { TEMPLATES, basedirOf, renderConfig, subjectOf } from './config.js';
import { client, connection } from './connection.js';
import { explain } from './explain.js';
import { finish } from './finish.js';
import { formations } from './formation.js';
import { columns, health } from './health.js';
import { pristine } from './pristine.js';

/** Percona XtraDB Cluster and MariaDB Galera: every node takes writes, and every commit is on all of them. */
export const pxc: Topology = {
  name: 'pxc',
  summary: 'Percona XtraDB Cluster and MariaDB Galera clusters',
  defaultImage: 'mariadb:10.11',
  nodes: { default: 3, least: 1, most: 64 },
  ports: { client: 3306, replication: 4567, ist: 4568, sst: 4444 },
  socketName: 'mysqld.sock',
  roleOf: () => 'member',
  inspect: inspectMysqld,
  checkWords,
  check,
  pristine,
  prepare,
  formations,
  finish,
  health,
  explain,
  columns,
  connection,
  client,
};

function checkWords({ options, memory }: ClusterSpec): void {
  assertOptions(options ?? []);
  planMemory(memory ?? null);
}

function check(server: ServerBuild): void {
  if (TEMPLATES[server.dialect] === undefined) {
    throw new UsageError(`${serverTitle(server)} has no Galera: pxc needs MariaDB or Percona XtraDB Cluster.`);
  }
  if (server.programs.galera === undefined) {
    throw new UsageError(`${serverTitle(server)} is there, but no Galera library (libgalera_smm.so) beside it.`);
  }
}

function prepare({ cluster, servers }: Setting, node: Node): Plan {
  const server = servers.get(node.name);
  if (server === undefined) throw new Error(`no server for ${node.name}`);
  const content = renderConfig(subjectOf(cluster, node), server.build, basedirOf(server.image));
  return {
    step: `write my.cnf of ${node.name}`,
    acts: [{ do: 'write', path: `${node.directory}/my.cnf`, content, mode: 0o644, owner: 'root' }],
  };
}
