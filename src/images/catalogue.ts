/** An image that can be pulled by its name. */
export interface CatalogueEntry {
  /** NAME:VERSION. */
  readonly ref: string;
  /** What the image's server is expected to be, for plans made without the image; what it is, its binary says. */
  readonly server: {
    readonly dialect: string;
    readonly version: string;
    /** Role → path inside the image. */
    readonly programs: Readonly<Record<string, string>>;
  };
  readonly from: ImageSource;
}

/** Where the tree of an image comes from. */
export type ImageSource = DebianSource | OciSource;

/** Packages of a Debian suite, with all that they depend on. */
export interface DebianSource {
  readonly kind: 'debian';
  readonly suite: string;
  readonly packages: readonly string[];
}

/** An image of containers. */
export interface OciSource {
  readonly kind: 'oci';
  /** In skopeo's words: `docker://NAME:TAG`, `oci:DIR:TAG`, `docker-archive:FILE`. */
  readonly reference: string;
}

/** For people, and what tells one source from another. */
export function sourceTitle(from: ImageSource): string {
  return from.kind === 'debian' ? `packages of Debian ${from.suite}` : from.reference;
}

/**
 * The server with Galera and what its state transfer scripts call besides Debian's essential packages: wsrep_sst_common
 * wants ss (iproute2) or lsof, ps (procps) and openssl; wsrep_sst_mariabackup socat; wsrep_sst_rsync rsync.
 */
const MARIADB = [
  ...['mariadb-server', 'mariadb-backup', 'galera-4'],
  ...['rsync', 'socat', 'openssl', 'iproute2', 'procps'],
];

const MARIADB_PROGRAMS = {
  server: '/usr/sbin/mariadbd',
  client: '/usr/bin/mariadb',
  install: '/usr/bin/mariadb-install-db',
  galera: '/usr/lib/galera/libgalera_smm.so',
  dump: '/usr/bin/mariadb-dump',
  binlog: '/usr/bin/mariadb-binlog',
  backup: '/usr/bin/mariadb-backup',
  openssl: '/usr/bin/openssl',
} as const;

/** The server, whose package also has mysqlbinlog and the plugins group_replication, mysql_clone and semisync. */
const MYSQL = ['mysql-server-core', 'mysql-client-core', 'openssl'];

const MYSQL_PROGRAMS = {
  server: '/usr/sbin/mysqld',
  client: '/usr/bin/mysql',
  dump: '/usr/bin/mysqldump',
  binlog: '/usr/bin/mysqlbinlog',
  openssl: '/usr/bin/openssl',
} as const;

const MONGODB_PROGRAMS = {
  server: '/usr/bin/mongod',
  router: '/usr/bin/mongos',
  client: '/usr/bin/mongosh',
  restore: '/usr/bin/mongorestore',
  dump: '/usr/bin/mongodump',
} as const;

const PXC_PROGRAMS = { ...MYSQL_PROGRAMS, galera: '/usr/lib64/galera4/libgalera_smm.so' } as const;

/** The images that `dbns image pull` knows: Debian's packages, then what vendors publish for containers. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  {
    ref: 'mariadb:10.11',
    server: { dialect: 'mariadb', version: '10.11', programs: MARIADB_PROGRAMS },
    from: { kind: 'debian', suite: 'bookworm', packages: MARIADB },
  },
  {
    ref: 'mariadb:11.8',
    server: { dialect: 'mariadb', version: '11.8', programs: MARIADB_PROGRAMS },
    from: { kind: 'debian', suite: 'trixie', packages: MARIADB },
  },
  {
    ref: 'mysql:9.7',
    server: { dialect: 'mysql', version: '9.7', programs: MYSQL_PROGRAMS },
    from: { kind: 'debian', suite: 'sid', packages: MYSQL },
  },
  {
    ref: 'pxc:8.0',
    server: { dialect: 'pxc', version: '8.0', programs: PXC_PROGRAMS },
    from: { kind: 'oci', reference: 'docker://percona/percona-xtradb-cluster:8.0' },
  },
  {
    ref: 'pxc:8.4',
    server: { dialect: 'pxc', version: '8.4', programs: PXC_PROGRAMS },
    from: { kind: 'oci', reference: 'docker://percona/percona-xtradb-cluster:8.4' },
  },
  {
    ref: 'pxc:9.7',
    server: { dialect: 'pxc', version: '9.7', programs: PXC_PROGRAMS },
    from: { kind: 'oci', reference: 'docker://percona/percona-xtradb-cluster:9.7' },
  },
  {
    ref: 'percona:8.0',
    server: { dialect: 'percona', version: '8.0', programs: MYSQL_PROGRAMS },
    from: { kind: 'oci', reference: 'docker://percona/percona-server:8.0' },
  },
  {
    ref: 'percona:8.4',
    server: { dialect: 'percona', version: '8.4', programs: MYSQL_PROGRAMS },
    from: { kind: 'oci', reference: 'docker://percona/percona-server:8.4' },
  },
  {
    ref: 'mysql:8.0',
    server: { dialect: 'mysql', version: '8.0', programs: MYSQL_PROGRAMS },
    from: { kind: 'oci', reference: 'docker://mysql:8.0' },
  },
  {
    ref: 'mysql:8.4',
    server: { dialect: 'mysql', version: '8.4', programs: MYSQL_PROGRAMS },
    from: { kind: 'oci', reference: 'docker://mysql:8.4' },
  },
  {
    ref: 'haproxy:2.6',
    server: { dialect: 'haproxy', version: '2.6', programs: { server: '/usr/sbin/haproxy' } },
    from: { kind: 'debian', suite: 'bookworm', packages: ['haproxy'] },
  },
  {
    ref: 'router:9.7',
    server: { dialect: 'router', version: '9.7', programs: { server: '/usr/bin/mysqlrouter' } },
    from: { kind: 'debian', suite: 'sid', packages: ['mysql-router'] },
  },
  {
    ref: 'proxysql:2.7',
    server: { dialect: 'proxysql', version: '2.7', programs: { server: '/usr/bin/proxysql' } },
    from: { kind: 'oci', reference: 'docker://proxysql/proxysql:2.7.3' },
  },
  {
    ref: 'mongodb:7.0',
    server: { dialect: 'mongodb', version: '7.0', programs: MONGODB_PROGRAMS },
    from: { kind: 'oci', reference: 'docker://mongo:7.0' },
  },
  {
    ref: 'mongodb:8.0',
    server: { dialect: 'mongodb', version: '8.0', programs: MONGODB_PROGRAMS },
    from: { kind: 'oci', reference: 'docker://mongo:8.0' },
  },
];
