import { describe, expect, test } from 'vitest';
import { dialectNamed, readVersion } from '../../../../src/servers/mysqld/dialects.js';

/** What `mysqld --version` prints, line for line. */
const SAID = [
  ['mariadb', '10.11.11', 'mariadbd  Ver 10.11.11-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)'],
  [
    'mariadb',
    '11.8.3',
    '/usr/sbin/mariadbd  Ver 11.8.3-MariaDB-0+deb13u1 from Debian for debian-linux-gnu on x86_64 (Debian 13)',
  ],
  [
    'mariadb',
    '10.6.18',
    '/usr/sbin/mysqld  Ver 10.6.18-MariaDB-0ubuntu0.22.04.1 for debian-linux-gnu on x86_64 (Ubuntu 22.04)',
  ],
  ['mariadb', '11.4.2', '/usr/sbin/mariadbd  Ver 11.4.2-MariaDB for Linux on x86_64 (MariaDB Server)'],
  ['mariadb', '10.11.9', '/opt/m/bin/mariadbd  Ver 10.11.9-MariaDB-log for linux-systemd on x86_64 (MariaDB Server)'],
  [
    'pxc',
    '8.0.36',
    '/usr/sbin/mysqld  Ver 8.0.36-28.1 for Linux on x86_64 (Percona XtraDB Cluster (GPL), Release rel28, Revision bfb687f, WSREP version 26.1.4.3)',
  ],
  [
    'pxc',
    '8.4.3',
    'mysqld  Ver 8.4.3-3.1 for Linux on x86_64 (Percona XtraDB Cluster (GPL), Release rel3, Revision 13a6a4b, WSREP version 26.1.4.3)',
  ],
  [
    'pxc',
    '8.4.10',
    '/opt/pxc/bin/mysqld  Ver 8.4.10 for Linux on x86_64 (Percona XtraDB Cluster binary (GPL) 8.4.10, Revision c1f8a3b, WSREP version 26.1.4.3)',
  ],
  [
    'pxc',
    '5.7.44',
    '/usr/sbin/mysqld  Ver 5.7.44-48-57 for Linux on x86_64 (Percona XtraDB Cluster (GPL), Release rel48, Revision 0a7a9b7, WSREP version 31.65)',
  ],
  [
    'percona',
    '8.0.36',
    '/usr/sbin/mysqld  Ver 8.0.36-28 for Linux on x86_64 (Percona Server (GPL), Release 28, Revision 47601f19)',
  ],
  [
    'percona',
    '8.4.3',
    '/usr/sbin/mysqld  Ver 8.4.3-3 for Linux on x86_64 (Percona Server (GPL), Release 3, Revision 8e7d4e5e)',
  ],
  ['mysql', '8.4.3', '/opt/mysql/8.4.3/bin/mysqld  Ver 8.4.3 for Linux on x86_64 (MySQL Community Server - GPL)'],
  ['mysql', '9.7.4', '/usr/sbin/mysqld  Ver 9.7.4 for Linux on x86_64 (MySQL Community Server - GPL)'],
  ['mysql', '8.0.39', '/usr/sbin/mysqld  Ver 8.0.39-0ubuntu0.24.04.2 for Linux on x86_64 ((Ubuntu))'],
] as const;

describe('readVersion', () => {
  test.each(SAID)('%s %s', (dialect, version, said) => {
    expect(readVersion(`${said}\n`)).toEqual({ dialect: dialectNamed(dialect), version });
  });

  test.each(['', 'mongod: db version v7.0.1', 'mysqld  Ver unknown', 'bash: mysqld: not found'])(
    '%j is none',
    (said) => {
      expect(readVersion(said)).toBeNull();
    },
  );
});

test('the dialect of a file of another dbns is told', () => {
  expect(() => dialectNamed('oracle')).toThrow('oracle');
});
