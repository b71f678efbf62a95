import type { Cluster, Node } from '../../cluster/cluster.js';
import type { Plan, Step } from '../../cluster/plan.js';
import { atLeast, serverTitle, type ServerBuild } from '../../cluster/server.js';
import { NotFoundError, UsageError } from '../../errors/errors.js';
import { OLDEST, has } from '../../servers/mongod/capabilities.js';
import { configStep, renderMongod } from '../../servers/mongod/config.js';
import { mongodLog } from '../../servers/mongod/log.js';
import { keyOf } from '../../servers/mongod/key.js';
import { cacheOf } from '../../servers/mongod/memory.js';
import { mongodKind } from '../../servers/mongod/part.js';
import { PORT } from '../../servers/mongod/pristine.js';
import { CLIENT_FILE, type Connecting } from '../../servers/kind.js';
import { channelsAt } from '../channels.js';
import {
  serverOf,
  type ClientProgram,
  type Connection,
  type ConnectionForm,
  type Door,
  type Setting,
  type Topology,
  type Wanted,
} from '../topology.js';
import { connection } from './connection.js';
import { data } from './data.js';
import { finish, logins } from './finish.js';
import { formations } from './formation.js';
import { columns, health } from './health.js';
import { pristine } from './pristine.js';
import { options } from './options.js';
import { promote } from './promote.js';
import { setName } from './replica-set.js';
import { routerConfig } from './router-config.js';
import { growth } from './growth/growth.js';
import { life } from './life.js';
import { rebuild } from './rebuild.js';
import { upgrade } from './upgrade.js';
import { routes } from './routes.js';
import { transitions } from './transitions.js';
import { CONFIG_SERVERS, ROUTERS, settingsOf, settle, readSettings } from './settings.js';

/** MongoDB: one replica set, or shards, config servers and routers, each set made in the same way. */
export const mongo: Topology = {
  kind: mongodKind,
  name: 'mongo',
  summary: 'MongoDB replica sets and sharded clusters',
  defaultImage: 'mongodb:8.0',
  ports: { client: PORT },
  socketName: `mongodb-${PORT}.sock`,
  settle,
  check,
  pristine,
  prepare,
  formations,
  finish,
  logins,
  health,
  log: mongodLog,
  columns,
  promote,
  routes,
  // A router is a client of the others.
  channels({ nodes }) {
    return channelsAt(
      nodes.filter(({ group }) => group !== ROUTERS),
      { client: [PORT], replication: [PORT] },
    );
  },
  life,
  growth,
  rebuild,
  upgrade,
  options,
  data,
  transitions,
  connection,
  write,
  client,
  connecting,
};

function check(servers: ReadonlyMap<string, ServerBuild>, { settings, memory }: Wanted): void {
  cacheOf(memory);
  const { shards } = readSettings(settings);
  for (const server of servers.values()) {
    if (!atLeast(server.version, OLDEST)) {
      throw new UsageError(`${serverTitle(server)} is too old: mongo needs ${OLDEST} or later.`);
    }
    if (shards !== null && server.programs.router === undefined) {
      throw new UsageError(`${serverTitle(server)} is there, but no mongos beside it: a sharded cluster needs both.`);
    }
  }
  const titles = new Set([...servers.values()].map(serverTitle));
  if (titles.size > 1) {
    throw new UsageError(
      `A set forms from copies of one data directory, so all nodes are of one image, not of ${[...titles].join(' and ')}.`,
    );
  }
}

function prepare(setting: Setting, node: Node): Plan {
  const { cluster, password } = setting;
  const settings = settingsOf(cluster);
  const key = settings.auth ? keyOf(cluster.id, password) : null;
  if (node.group === ROUTERS) return configStep(node, 'mongos', routerConfig(cluster, node), key);
  const config = renderMongod(cluster, node, {
    replicaSet: setName(node.group),
    clusterRole: node.group === null ? null : node.group === CONFIG_SERVERS ? 'configsvr' : 'shardsvr',
    oplogSize: settings.oplogSize,
    auth: settings.auth,
    severalArbiters: settings.arbiters > 1 && has(serverOf(setting, node).build, 'refusesSeveralArbiters'),
  });
  const step = configStep(node, 'mongod', config, key);
  return node.role === 'arbiter' ? { sequence: [emptyStep(node), step] } : step;
}

/** An arbiter holds no data: with a copy of the others' it would look for more of it. */
function emptyStep(node: Node): Step {
  const data = `${node.directory}/data`;
  return {
    step: `empty the data directory of ${node.name}`,
    acts: [
      { do: 'remove', path: data },
      { do: 'mkdir', path: data, mode: 0o700, owner: 'server' },
    ],
  };
}

function write(_connection: Connection, form: ConnectionForm): string {
  throw new UsageError(`--format ${form}: drivers of MongoDB take its URI, in every language.`);
}

/** The tools that take a file with the URI. Source: MongoDB Database Tools, `--config`. */
const TOOL = /^(?:.*\/)?mongo(?:dump|restore|export|import|files|stat|top)$/;

function connecting(cluster: Cluster, door: Door, password: string, program: string): Connecting {
  const { uri } = connection(cluster, door, { password, database: null });
  return {
    words: TOOL.test(program) ? ['--config', CLIENT_FILE] : [],
    at: CLIENT_FILE,
    file: `uri: ${JSON.stringify(uri)}\n`,
    environment: {},
  };
}

/** A shell without users' scripts; with a password it reads whom to connect to from a file, and then takes the user's words. */
function client(
  cluster: Cluster,
  door: Door,
  { programs }: ServerBuild,
  password: string,
  statement?: string,
): ClientProgram {
  if (programs.client === undefined) {
    throw new NotFoundError('This image has no MongoDB shell.', {
      suggestions: [
        `Install mongosh on the machine, and: mongosh "$(dbns uri ${cluster.name})"`,
        'Or take an image with mongosh in it: those of the vendor have one.',
      ],
    });
  }
  const { uri, password: secret } = connection(cluster, door, { password, database: null });
  const run = (script: string) => ['--quiet', '--eval', script];
  if (secret === '') {
    return { argv: [programs.client, '--norc', uri, ...(statement === undefined ? [] : run(statement))], file: '' };
  }
  // What --eval says is run before a file that is named: it must load that itself.
  const words = statement === undefined ? ['--shell', CLIENT_FILE] : run(`load("${CLIENT_FILE}");\n${statement}`);
  return {
    argv: [programs.client, '--norc', '--nodb', ...words],
    file: `db = connect(${JSON.stringify(uri)});\n`,
  };
}
