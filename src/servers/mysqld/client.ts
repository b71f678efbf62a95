import type { Socket } from 'node:net';
import type { Connection, ConnectionOptions, RowDataPacket } from 'mysql2/promise';
import { NoAnswerError } from '../said.js';

/** How to reach a server: root over its socket, an account with a password there, or an account at its address. */
export type Target =
  | { readonly socketPath: string; readonly user: 'root' }
  | { readonly socketPath: string; readonly user: string; readonly password: string }
  | {
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      /** Encrypted, whoever the server is: its certificate is one that it made itself. */
      readonly tls: boolean;
    };

/** Rows as objects of text: column → value. */
export type Row = Readonly<Record<string, unknown>>;

/** A connection that is open. */
export interface Session {
  /** Rows of one statement. */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Says good-bye, so that the server's log has no aborted connection. */
  close(): void;
  /** Hangs up on a server that does not answer. */
  abort(): void;
}

/** root over the socket: no password, no network. */
export function rootAt(socketPath: string): Target {
  return { socketPath, user: 'root' };
}

/**
 * Opens a connection and asks with it, all within `timeout` ms.
 * @throws the server's own error, or one that says that no answer came in time.
 */
export async function ask<T>(target: Target, timeout: number, question: (session: Session) => Promise<T>): Promise<T> {
  let session: Session | undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new NoAnswerError(timeout));
    }, timeout);
  });
  const opening = open(target, timeout);
  try {
    session = await Promise.race([opening, late]);
    const answer = await Promise.race([question(session), late]);
    session.close();
    return answer;
  } catch (error) {
    session?.abort();
    throw error;
  } finally {
    clearTimeout(timer);
    // A connection that opens after its deadline is closed as well.
    if (session === undefined)
      opening
        .then((opened) => {
          opened.close();
        })
        .catch(() => undefined);
  }
}

/** Opens a connection that the caller closes. */
export async function open(target: Target, timeout: number): Promise<Session> {
  const { default: mysql } = await import('mysql2/promise');
  const { tls, ...to } = { tls: false, ...target };
  const options: ConnectionOptions = {
    ...to,
    ...(tls && { ssl: { rejectUnauthorized: false } }),
    connectTimeout: timeout,
    supportBigNumbers: true,
    bigNumberStrings: true,
  };
  const connection = await mysql.createConnection(options);
  // An error between two questions (the server was killed) is told by the next question.
  connection.on('error', () => undefined);
  return sessionOf(connection);
}

function sessionOf(connection: Connection): Session {
  return {
    async query(sql, values = []) {
      const [rows] = await connection.query<RowDataPacket[]>(sql, [...values]);
      return Array.isArray(rows) ? rows : [];
    },
    close: () => {
      connection.end().catch(() => undefined);
      setTimeout(() => {
        connection.destroy();
      }, 500).unref();
    },
    abort: () => {
      connection.destroy();
      // The driver only says that it will write no more: a server that goes on with a question would keep us waiting.
      streamOf(connection)?.destroy();
    },
  };
}

function streamOf(connection: Connection): Socket | undefined {
  return (connection as unknown as { connection?: { stream?: Socket } }).connection?.stream;
}

/** `SHOW GLOBAL STATUS` and the like as one object: name → value, names in lower case. */
export function variables(rows: readonly Row[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    rows.map((row) => {
      const [name, value] = Object.values(row);
      return [String(name).toLowerCase(), String(value)];
    }),
  );
}
