import { atPort } from '../../cluster/family.js';
import { UsageError } from '../../errors/errors.js';
import { quoteOption, verifyLines } from './connection.js';

/** What a program must know to connect, in parts. */
interface Parts {
  readonly uri: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string | null;
  readonly ca: string | null;
}

/**
 * The same connection as other programs write it: `jdbc` for Java, `dsn` for Go, `mycnf` for the servers' own clients.
 * @throws UsageError for a password that the form can't hold.
 */
export function write(parts: Parts, form: 'jdbc' | 'dsn' | 'mycnf'): string {
  return FORMS[form](parts);
}

const FORMS: Readonly<Record<'jdbc' | 'dsn' | 'mycnf', (parts: Parts) => string>> = { jdbc, dsn, mycnf };

/**
 * Connector/J takes percent signs; MariaDB's takes every character as it stands, and ends a value at `&`. Without TLS
 * MySQL's accounts are let in by the server's key alone. Sources: Connector/J "Connection URL Syntax";
 * mariadb-connector-j Configuration.java.
 */
function jdbc({ uri, host, port, user, password, database, ca }: Parts): string {
  if (!uri.startsWith('mariadb:')) {
    const [name, secret] = [database ?? '', password].map(encodeURIComponent);
    return `jdbc:mysql://${atPort(host, port)}/${name}?user=${user}&password=${secret}&allowPublicKeyRetrieval=true`;
  }
  if (password.includes('&') || /[?&]/.test(database ?? '')) {
    throw new UsageError(
      "MariaDB's JDBC driver has no way to write '&' in a password, or '?' and '&' in a database, within its URL.",
      { suggestions: ['Hand them over as properties of their own: --format json has them all.'] },
    );
  }
  const tls = ca === null ? '' : `&sslMode=verify-full&serverSslCert=${ca}`;
  return `jdbc:mariadb://${atPort(host, port)}/${database ?? ''}?user=${user}&password=${password}${tls}`;
}

/** All between the first `:` and the last `@` is the password, as it stands. Source: go-sql-driver/mysql dsn.go. */
function dsn({ host, port, user, password, database }: Parts): string {
  return `${user}:${password}@tcp(${atPort(host, port)})/${encodeURIComponent(database ?? '')}`;
}

/** A database is for clients that take statements alone: mysqladmin and the like would refuse the word. */
function mycnf({ uri, host, port, user, password, database, ca }: Parts): string {
  const family = uri.startsWith('mariadb:') ? 'mariadb' : 'mysql';
  const tls = verifyLines(ca, family);
  const client = ['[client]', 'protocol = tcp', `host = ${host}`, `port = ${port}`, `user = ${user}`, ...tls];
  const begin = database === null ? [] : ['[mysql]', `database = ${quoteOption(database)}`];
  return [...client, `password = ${quoteOption(password)}`, ...begin].join('\n');
}
