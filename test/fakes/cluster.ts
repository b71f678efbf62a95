import type { Cluster, Node } from '../../src/cluster/cluster.js';
import { ipv6Prefix } from '../../src/cluster/family.js';
import { addressAt, macOf, readCidr } from '../../src/cluster/subnet.js';
import { divide } from '../../src/network/zones.js';
import type { Image } from '../../src/images/image.js';
import type { ServerBuild } from '../../src/cluster/server.js';
import type { Door, NodeServer, Setting } from '../../src/topologies/topology.js';
import { fakeMachine, type FakeMachine } from './machine.js';

const MARIADB_VERSION = '10.11.19';

/** A cluster as `create` would resolve it, its id fixed. */
export function sampleCluster(nodes = 2, changes: Partial<Cluster> = {}): Cluster {
  const name = changes.name ?? 'east';
  const placed = Array.from({ length: nodes }, (_, position) => sampleNode(name, position + 1));
  return {
    id: 'a1b2c3d4',
    name,
    topology: 'pxc',
    createdAt: '2026-01-02T03:04:05.678Z',
    phase: 'created',
    made: {
      settings: {},
      roles: Object.fromEntries(placed.map((node) => [node.name, node.role])),
      options: Object.fromEntries(placed.map((node) => [node.name, node.options])),
      init: false,
    },
    memory: null,
    durable: false,
    settings: {},
    init: [],
    network: {
      name: 'net1',
      subnet: '10.200.0.0/24',
      ipv6: null,
      stem: 'dbnsa1b2c',
      zones: [{ name: null, subnet: '10.200.0.0/24', gateway: '10.200.0.1', bridge: 'dbnsa1b2c' }],
      lan: null,
      linkGroup: 0x5db00000 + 0xa1b2c,
      internal: false,
      mtu: 1500,
      uplinks: ['eth0'],
      freed: [],
    },
    nodes: placed,
    companions: [],
    attached: [],
    nextIndex: nodes + 1,
    turn: null,
    tls: null,
    clusterTls: false,
    ...changes,
  };
}

/** The same with addresses of IPv6. */
export function withIpv6(cluster: Cluster): Cluster {
  return { ...cluster, network: { ...cluster.network, ipv6: ipv6Prefix(cluster.id) } };
}

/** A cluster whose network is divided, its nodes spread evenly; `routed`: without bridges. */
export function zonedCluster(nodes = 4, zones = 2, routed = false): Cluster {
  const cluster = sampleCluster(nodes);
  const parts = divide(readCidr(cluster.network.subnet) ?? { base: 0, prefix: 0 }, cluster.id, {
    ...(zones > 1 && { zones }),
    layout: routed ? 'routed' : 'bridge',
  });
  return {
    ...cluster,
    network: { ...cluster.network, zones: parts },
    nodes: cluster.nodes.map((node, at) => {
      const zone = parts[at % parts.length];
      const place = 2 + Math.floor(at / parts.length);
      const address = addressAt(readCidr(zone?.subnet ?? '') ?? { base: 0, prefix: 0 }, place);
      return { ...node, address, mac: macOf(address) };
    }),
  };
}

function sampleNode(cluster: string, index: number): Node {
  const name = `node${index}`;
  const directory = `/var/lib/dbns/clusters/${cluster}/${name}`;
  return {
    name,
    index,
    role: 'member',
    group: null,
    phase: 'added',
    wanted: 'running',
    image: 'mariadb:10.11',
    options: [],
    server: `mariadb ${MARIADB_VERSION}`,
    namespace: `dbns-${cluster}-${name}`,
    address: `10.200.0.${index + 1}`,
    mac: `02:db:0a:c8:00:0${index + 1}`,
    link: `dbnsa1b2cn${index}`,
    ports: { client: 3306, replication: 4567, ist: 4568, sst: 4444 },
    directory,
    socket: `/run/dbns/${cluster}/${name}/mysqld.sock`,
    log: `${directory}/server.log`,
  };
}

/** The n-th node, which must be there. */
export function nodeOf(cluster: Cluster, index = 1): Node {
  const node = cluster.nodes[index - 1];
  if (node === undefined) throw new Error(`no node ${index}`);
  return node;
}

/** The door at a node, for writing. */
export function doorAt(node: Node, named: boolean, changes: Partial<Door> = {}): Door {
  return { node, named, proxied: false, verifiable: true, role: 'primary', nodes: [node], ...changes };
}

export const MARIADB: ServerBuild = {
  dialect: 'mariadb',
  version: MARIADB_VERSION,
  programs: {
    server: '/usr/sbin/mariadbd',
    client: '/usr/bin/mariadb',
    dump: '/usr/bin/mariadb-dump',
    install: '/usr/bin/mariadb-install-db',
    galera: '/usr/lib/galera/libgalera_smm.so',
    openssl: '/usr/bin/openssl',
    backup: '/usr/bin/mariadb-backup',
  },
};

/** MariaDB as of the version that makes itself a certificate at every start. */
export const MARIADB_11_8: ServerBuild = { ...MARIADB, version: '11.8.6' };

export const PXC_8_0: ServerBuild = {
  dialect: 'pxc',
  version: '8.0.36',
  programs: {
    server: '/usr/sbin/mysqld',
    client: '/usr/bin/mysql',
    galera: '/usr/lib/galera4/libgalera_smm.so',
    openssl: '/usr/bin/openssl',
  },
};

export const MYSQL_9_7: ServerBuild = {
  dialect: 'mysql',
  version: '9.7.4',
  programs: {
    server: '/usr/sbin/mysqld',
    client: '/usr/bin/mysql',
    dump: '/usr/bin/mysqldump',
    binlog: '/usr/bin/mysqlbinlog',
    openssl: '/usr/bin/openssl',
  },
};

export const PXC_8_4: ServerBuild = {
  dialect: 'pxc',
  version: '8.4.3',
  programs: {
    server: '/opt/pxc/bin/mysqld',
    client: '/opt/pxc/bin/mysql',
    galera: '/opt/pxc/lib/libgalera_smm.so',
  },
};

/** The same server in an image that lacks a program. */
export function without(build: ServerBuild, program: string): ServerBuild {
  const programs = Object.fromEntries(Object.entries(build.programs).filter(([role]) => role !== program));
  return { ...build, programs };
}

/** An image of dbns's own. */
export const PULLED: Image = {
  ref: 'mariadb:10.11',
  kind: 'pulled',
  root: '/var/lib/dbns/images/mariadb/10.11/root',
  build: 'b111d',
  extraBinds: [],
  binaryDirectories: ['/usr/sbin', '/usr/bin'],
  from: 'bookworm',
  digest: null,
  createdAt: null,
  sizeBytes: null,
};

/** An unpacked tarball of the user's. */
export const DIRECTORY: Image = {
  ...PULLED,
  ref: 'dir:/opt/pxc',
  kind: 'directory',
  root: '/',
  extraBinds: ['/opt/pxc'],
  binaryDirectories: ['/opt/pxc/bin'],
};

export function nodeServer(build: ServerBuild = MARIADB, image: Image = PULLED): NodeServer {
  return {
    build,
    image,
    rootMounts: ['--ro-bind', `${image.root}/usr`, '/usr'],
  };
}

export function sampleSetting(
  cluster: Cluster,
  server: NodeServer = nodeServer(),
  machine: FakeMachine = fakeMachine(),
): Setting {
  return { machine, cluster, password: 'secret', servers: new Map(cluster.nodes.map(({ name }) => [name, server])) };
}
