import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import mariadb from 'mariadb';
import mysql from 'mysql2/promise';
import { run } from './command.js';
import { ofImage } from './image-client.js';

/** How a client comes. */
export interface Way {
  readonly host: string;
  readonly port?: number;
  readonly password: string;
  /** By which it verifies whom it talks to, name or address and all; null is without TLS. */
  readonly ca: string | null;
}

/** The cipher of the connection, as the server says it (`''` is none), or why there was none. */
export type Outcome = { readonly cipher: string } | { readonly refused: string };

/** Logs in by each way, one after the other. */
export type Client = (ways: readonly Way[]) => Promise<readonly Outcome[]>;

const CIPHER = "SHOW SESSION STATUS LIKE 'Ssl_cipher'";

/** The module that test/run unpacked; a machine's own, or none. */
const PYTHON = path.resolve(
  import.meta.dirname,
  '../../../node_modules/.cache/python3-pymysql/usr/lib/python3/dist-packages',
);
export const hasPython = existsSync(PYTHON) && existsSync('/usr/bin/python3');

/** Clients that know nothing of each other: two drivers for Node, one for Python, and the one of a server's own image. */
export const CLIENTS = {
  mysql2: each(async ({ host, port = 3306, password, ca }) => {
    const ssl = ca === null ? {} : { ssl: { ca: readFileSync(ca), verifyIdentity: true } };
    const connection = await mysql.createConnection({ host, port, user: 'dbns', password, ...ssl });
    try {
      const [rows] = await connection.query<mysql.RowDataPacket[]>(CIPHER);
      return String(rows[0]?.Value);
    } finally {
      await connection.end();
    }
  }),
  mariadb: each(async ({ host, password, ca }) => {
    const ssl = ca === null ? false : { ca: readFileSync(ca, 'utf8'), rejectUnauthorized: true };
    const connection = await mariadb.createConnection({
      host,
      user: 'dbns',
      password,
      ssl,
      allowPublicKeyRetrieval: true,
    });
    try {
      const rows = await connection.query<readonly { Value: string }[]>(CIPHER);
      return String(rows[0]?.Value);
    } finally {
      await connection.end();
    }
  }),
  PyMySQL: async (ways: readonly Way[]) => {
    const input = ways.map((way) => `${JSON.stringify(way)}\n`).join('');
    const login = fileURLToPath(new URL('./login.py', import.meta.url));
    const { stdout } = await run(['/usr/bin/python3', login], { input, env: { PYTHONPATH: PYTHON } });
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Outcome);
  },
} satisfies Record<string, Client>;

/** `mysql --ssl-mode=VERIFY_IDENTITY` of MySQL's image, `mariadb --ssl-verify-server-cert` of MariaDB's. */
export function clientOf(image: string): Client {
  const isMysql = image.startsWith('mysql');
  const verifying = isMysql ? '--ssl-mode=VERIFY_IDENTITY' : '--ssl-verify-server-cert';
  const plain = isMysql ? ['--ssl-mode=DISABLED', '--get-server-public-key'] : ['--skip-ssl'];
  return each(async ({ host, password, ca }) => {
    const words = [isMysql ? '/usr/bin/mysql' : '/usr/bin/mariadb', '--no-defaults', '-N', '-B', '-udbns', `-h${host}`];
    const tls = ca === null ? plain : [verifying, `--ssl-ca=${ca}`];
    const { stdout, stderr, exitCode } = await ofImage(
      image,
      [...words, ...tls, '-e', CIPHER],
      {},
      {
        ...{ env: { MYSQL_PWD: password }, expectExit: 'any' },
      },
    );
    if (exitCode !== 0) throw new Error(stderr);
    return stdout.trimEnd().split('\t')[1] ?? '';
  });
}

function each(login: (way: Way) => Promise<string>): Client {
  return async (ways) => {
    const outcomes: Outcome[] = [];
    for (const way of ways) {
      outcomes.push(
        await login(way).then(
          (cipher) => ({ cipher }),
          (error: unknown) => ({ refused: String(error) }),
        ),
      );
    }
    return outcomes;
  };
}
