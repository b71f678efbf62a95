import { describe, expect, test } from 'vitest';
import { GIVES_UP, mysqldLog } from '../../../../src/servers/mysqld/log.js';

const { explain, tell } = mysqldLog;
const MARIADB = '2026-11-21 11:00:00 0 [ERROR]';
const MYSQL = '2026-11-21T11:00:00.000000Z 0 [ERROR]';
const LOOSE = "2026-11-21T11:00:00.000000Z 0 [Warning] [MY-000067] [Server] unknown variable 'loose-rpl_x=OFF'.";

describe('explain', () => {
  test.each([
    [`${MARIADB} /usr/sbin/mariadbd: unknown variable 'no_such=1'\n${MARIADB} Aborting`, "the option 'no_such'"],
    [`${MARIADB} /usr/sbin/mariadbd: unknown option '--no-such'`, "the option 'no-such'"],
    ["/usr/sbin/mariadbd: unknown variable 'no_such=1'", "the option 'no_such'"],
    [`${MYSQL} [MY-000067] [Server] unknown variable 'no_such=1'.`, "the option 'no_such'"],
    [`${MYSQL} [MY-000068] [Server] unknown option '--no-such'.`, "the option 'no-such'"],
    [
      `${MYSQL} [MY-000058] [Server] Unknown suffix 'a' used for variable 'x' (value 'abc').\n${MYSQL} [MY-000077] [Server] /usr/sbin/mysqld: Error while setting value 'abc' to 'x'.`,
      "can't set 'abc' to 'x'",
    ],
    [`${MARIADB} Fatal error: Illegal or unknown default time zone 'Nowhere/Town'`, "time zone 'Nowhere/Town'"],
    [
      `${MYSQL} [MY-000061] [Server] 1819  Your password does not satisfy the current policy requirements.`,
      "does not make the account 'dbns': Your password does not satisfy the current policy requirements.",
    ],
  ])('%s is the word of the user', (written, words) => {
    const error = explain(written);
    expect(error?.code).toBe('DBNS_USAGE');
    expect(error?.message).toContain(words);
  });

  test('the limit of the kernel is the fault of the machine', () => {
    const error = explain(`${MYSQL} [MY-012584] [InnoDB] io_setup() failed with EAGAIN after 5 attempts.`);
    expect(error?.code).toBe('DBNS_MACHINE');
    expect(error?.message).toContain('fs.aio-max-nr');
  });

  test.each([
    LOOSE,
    `${LOOSE}\n${MYSQL} [MY-011640] [Repl] Plugin group_replication reported: 'Binlog must be enabled'`,
    `${MYSQL} [MY-010119] [Server] Aborting`,
    '2026-11-21 11:00:00 0 [Warning] [MY-012583] [InnoDB] io_setup() failed with EAGAIN after 1 attempts.',
    `${MARIADB} InnoDB: Cannot allocate memory for the buffer pool`,
    '',
  ])('%j has no better explanation', (written) => {
    expect(explain(written)).toBeNull();
  });

  test('of two causes the first', () => {
    const written = `${LOOSE}\n${MARIADB} mariadbd: unknown variable 'one=1'\n${MARIADB} mariadbd: unknown variable 'two=1'`;
    expect(explain(written)?.message).toContain("'one'");
  });
});

describe('tell', () => {
  test("the server's errors first, once each, then the last of the rest; no banners, no advertising", () => {
    const note = (text: string) => `2026-11-21 11:00:00 0 [Note] ${text}`;
    const written = [
      note('Starting MariaDB 10.11.19-MariaDB-0+deb12u1 source revision x as process 2'),
      note('InnoDB: one'),
      `${MARIADB} InnoDB: bad`,
      `2026-11-21 11:00:01 0 [ERROR] InnoDB: bad`,
      "Version: '10.11.19-MariaDB-0+deb12u1'  socket: '/run/x'  port: 0  Debian 12",
      note('InnoDB: two'),
      `${MARIADB} Aborting`,
      'Installation of system tables failed!  Examine the logs in',
      '/var/lib/x for more information.',
      '',
      '    shell> /usr/bin/mariadb -u root mysql',
      'Please check all of the above before submitting a bug report',
      'at https://mariadb.org/jira',
    ];
    expect(tell(written.join('\n'))).toEqual([
      `2026-11-21 11:00:01 0 [ERROR] InnoDB: bad`,
      `${MARIADB} Aborting`,
      note('InnoDB: one'),
      note('InnoDB: two'),
    ]);
  });
});

test('what is told has no password, and no complaint about what was left out of clones', () => {
  const refused =
    "2026-11-26  5:07:24 10 [Warning] WSREP: Ignoring error 'x' on query. Query: 'CREATE USER 'dbns'@'%' IDENTIFIED BY";
  const pool = `${MYSQL} [MY-011947] [InnoDB] Cannot open '/x/data/ib_buffer_pool' for reading: No such file or directory`;
  expect(tell(`${refused} 'secret''\n${pool}`)).toEqual([`${refused} …`]);
});

test('GIVES_UP is what both families write last', () => {
  expect(GIVES_UP.test(`x\n${MARIADB} Aborting\n`)).toBe(true);
  expect(GIVES_UP.test(`${MYSQL} [MY-010119] [Server] Aborting`)).toBe(true);
  expect(GIVES_UP.test(`${MYSQL} [MY-000061] [Server] 1819  Your password does not satisfy …`)).toBe(true);
  expect(GIVES_UP.test('2026-11-21 11:00:00 0 [Note] WSREP: Aborting')).toBe(false);
});
