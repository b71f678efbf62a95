/** An image that can be pulled. */
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
export type ImageSource = DebianSource;

/** Packages of a Debian suite, with all that they depend on. */
export interface DebianSource {
  readonly kind: 'debian';
  readonly suite: string;
  readonly packages: readonly string[];
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
  binlog: '/usr/bin/mariadb-binlog',
  openssl: '/usr/bin/openssl',
} as const;

/** The server, whose package also has mysqlbinlog and the plugins group_replication, mysql_clone and semisync. */
const MYSQL = ['mysql-server-core', 'mysql-client-core', 'openssl'];

const MYSQL_PROGRAMS = {
  server: '/usr/sbin/mysqld',
  client: '/usr/bin/mysql',
  binlog: '/usr/bin/mysqlbinlog',
  openssl: '/usr/bin/openssl',
} as const;

/** The images that `dbns image pull` knows. */
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
];
