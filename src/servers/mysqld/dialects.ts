import type { ServerBuild } from '../../cluster/server.js';

/** What differs between the servers that are a mysqld, as data. Paths are inside the image. */
export interface Dialect {
  readonly name: 'mariadb' | 'pxc' | 'percona' | 'mysql';
  /** Whose words and options it has: everything that is not MariaDB follows MySQL. */
  readonly family: Family;
  /** Matches what `mysqld --version` says; the first group is the version. The first row that matches is it. */
  readonly says: RegExp;
  /** Names of the programs, the preferred first. */
  readonly programs: Readonly<Record<string, readonly string[]>>;
  /** Names of the program that says in SQL what /usr/share/zoneinfo has. */
  readonly timeZones: readonly string[];
  /** The oldest version that dbns knows, where older ones say the same of themselves; null where it takes any. */
  readonly since: string | null;
  /** Null for a server that has none. */
  readonly galera: GaleraOf | null;
  /** The words that initialise an empty data directory, after the program of this role. */
  readonly initialise: { readonly program: string; readonly words: readonly string[] };
  /** Run once in every pristine directory, as root over the socket: root by socket only, nobody anonymous. */
  readonly accounts: readonly string[];
  /** Words for the one lonely start of a pristine directory. */
  readonly aloneWords: readonly string[];
  /** Lines of its my.cnf that others of its family do not know. */
  readonly lines: readonly string[];
  /** Lines of a my.cnf with which it has no TLS for its clients. */
  readonly withoutTls: readonly string[];
  /** The version since which the server makes itself a certificate at every start unless it is given one. */
  readonly certificateAtStartSince: string | null;
}

/** How a dialect does Galera. */
export interface GaleraOf {
  /** Where packages put the provider. */
  readonly providers: readonly string[];
  /** The ways in which a joiner takes all data over (wsrep_sst_method), the usual one first. */
  readonly sst: readonly string[];
  /** How long a cluster may take to form by its recorded view, ms. */
  readonly patience: { readonly base: number; readonly perNode: number };
}

const MYSQL_PROGRAMS = {
  server: ['mysqld'],
  client: ['mysql'],
  dump: ['mysqldump'],
  binlog: ['mysqlbinlog'],
  openssl: ['openssl'],
} as const;
const MYSQL_TIME_ZONES = ['mysql_tzinfo_to_sql'] as const;
const MYSQL_INITIALISE = { program: 'server', words: ['--initialize-insecure'] } as const;
const MYSQL_ACCOUNTS = [
  "INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'",
  "ALTER USER 'root'@'localhost' IDENTIFIED WITH auth_socket",
] as const;

/** It would make itself certificates when it finds none. */
const MYSQL_WITHOUT_TLS = ['auto_generate_certs = OFF', 'tls_version ='];

/** Percona's servers load a component that reports to the vendor, unless they are told not to. */
const NO_TELEMETRY = ['loose_percona_telemetry_disable = ON'];

export type Family = 'mysql' | 'mariadb';

/** Sources: `--version` of each server; mariadb.com/kb mariadb-install-db; docs.percona.com/percona-xtradb-cluster. */
export const DIALECTS: readonly Dialect[] = [
  {
    name: 'mariadb',
    family: 'mariadb',
    says: /Ver (\d+\.\d+\.\d+)-MariaDB/,
    programs: {
      server: ['mariadbd', 'mysqld'],
      client: ['mariadb', 'mysql'],
      dump: ['mariadb-dump', 'mysqldump'],
      binlog: ['mariadb-binlog', 'mysqlbinlog'],
      install: ['mariadb-install-db', 'mysql_install_db'],
      openssl: ['openssl'],
      backup: ['mariadb-backup', 'mariabackup'],
      upgrade: ['mariadb-upgrade', 'mysql_upgrade'],
    },
    timeZones: ['mariadb-tzinfo-to-sql', 'mysql_tzinfo_to_sql'],
    since: null,
    galera: {
      providers: [
        '/usr/lib/galera/libgalera_smm.so',
        '/usr/lib64/galera-4/libgalera_smm.so',
        '/usr/lib/libgalera_smm.so',
        '/usr/lib64/galera/libgalera_smm.so',
      ],
      sst: ['rsync', 'mariabackup'],
      patience: { base: 6000, perNode: 500 },
    },
    initialise: {
      program: 'install',
      words: ['--skip-test-db', '--auth-root-authentication-method=socket', '--auth-root-socket-user=root'],
    },
    accounts: ["DROP USER IF EXISTS ''@'localhost'"],
    aloneWords: [],
    lines: [],
    withoutTls: ['skip_ssl'],
    certificateAtStartSince: '11.4',
  },
  {
    name: 'pxc',
    family: 'mysql',
    says: /Ver (\d+\.\d+\.\d+)\S* .*Percona XtraDB Cluster/,
    programs: MYSQL_PROGRAMS,
    timeZones: MYSQL_TIME_ZONES,
    // Its 5.7 has another provider, other options and another way of initialising.
    since: '8.0',
    galera: {
      providers: [
        '/usr/lib/galera4/libgalera_smm.so',
        '/usr/lib64/galera4/libgalera_smm.so',
        '/usr/lib/libgalera_smm.so',
      ],
      sst: ['xtrabackup-v2'],
      // Nodes meet before InnoDB starts: a MySQL start of all of them and TLS of all pairs fall into it. Not measured.
      patience: { base: 15_000, perNode: 1500 },
    },
    initialise: MYSQL_INITIALISE,
    accounts: MYSQL_ACCOUNTS,
    // A shutdown would wait ten seconds for proxies to look elsewhere.
    aloneWords: ['--pxc-maint-transition-period=0'],
    lines: NO_TELEMETRY,
    withoutTls: MYSQL_WITHOUT_TLS,
    certificateAtStartSince: null,
  },
  {
    name: 'percona',
    family: 'mysql',
    says: /Ver (\d+\.\d+\.\d+)\S* .*Percona Server/,
    programs: MYSQL_PROGRAMS,
    timeZones: MYSQL_TIME_ZONES,
    since: null,
    galera: null,
    initialise: MYSQL_INITIALISE,
    accounts: MYSQL_ACCOUNTS,
    aloneWords: [],
    lines: NO_TELEMETRY,
    withoutTls: MYSQL_WITHOUT_TLS,
    certificateAtStartSince: null,
  },
  {
    name: 'mysql',
    family: 'mysql',
    // Last, for distributions leave MySQL's own name out.
    says: /mysqld\S*\s+Ver (\d+\.\d+\.\d+)/,
    programs: MYSQL_PROGRAMS,
    timeZones: MYSQL_TIME_ZONES,
    since: null,
    galera: null,
    initialise: MYSQL_INITIALISE,
    accounts: MYSQL_ACCOUNTS,
    aloneWords: [],
    lines: [],
    withoutTls: MYSQL_WITHOUT_TLS,
    certificateAtStartSince: null,
  },
];

/** The row of a dialect's name, as it was saved. */
export function dialectNamed(name: string): Dialect {
  const row = DIALECTS.find((dialect) => dialect.name === name);
  if (row === undefined) throw new Error(`there is no dialect ${name}`);
  return row;
}

/** The family of a server. */
export function familyOf({ dialect }: Pick<ServerBuild, 'dialect'>): Family {
  return dialectNamed(dialect).family;
}

/** Which dialect and version `mysqld --version` says; null when it is none that dbns knows. */
export function readVersion(said: string): { readonly dialect: Dialect; readonly version: string } | null {
  for (const dialect of DIALECTS) {
    const match = dialect.says.exec(said);
    if (match !== null) return { dialect, version: match[1] ?? '' };
  }
  return null;
}
