import type { Db, Document, MongoClient } from 'mongodb';
import { NoAnswerError } from '../said.js';

export type { Document };

/** How to reach one server: over its socket or at its address, as nobody or as an account. */
export interface Target {
  /** Path of a unix socket, or HOST:PORT. */
  readonly at: string;
  readonly account: Account | null;
}

export interface Account {
  readonly user: string;
  readonly password: string;
  /** The database that knows it. */
  readonly source: 'admin' | 'local';
}

/** A connection that is open. */
export interface Session {
  /** Runs a command on the database `admin`, and answers what the server answered. */
  admin(command: Document): Promise<Document>;
  /** Another database. */
  db(name: string): Db;
}

/**
 * Opens a connection and asks with it, all within `timeout` ms. The server is asked whatever its state is: primary,
 * secondary, arbiter or none.
 * @throws the server's own error, one that says that no answer came in time, or the signal's reason when it is aborted.
 */
export async function ask<T>(
  target: Target,
  timeout: number,
  question: (session: Session) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const client = await clientOf(target, timeout);
  const end = new AbortController();
  const timer = setTimeout(
    () => {
      end.abort(new NoAnswerError(timeout));
    },
    Math.min(timeout, LONGEST),
  );
  const given = signal === undefined ? end.signal : AbortSignal.any([end.signal, signal]);
  try {
    return await Promise.race([question(sessionOf(client)), rejection(given)]);
  } finally {
    clearTimeout(timer);
    client.close(true).catch(() => undefined);
  }
}

async function clientOf({ at, account }: Target, timeout: number): Promise<MongoClient> {
  const { default: mongodb } = await import('mongodb');
  const patience = Math.min(timeout, LONGEST);
  return new mongodb.MongoClient(`mongodb://${encodeURIComponent(at).replace('%3A', ':')}/?directConnection=true`, {
    appName: 'dbns',
    serverSelectionTimeoutMS: patience,
    connectTimeoutMS: patience,
    socketTimeoutMS: patience,
    // One connection to ask with, and one by which the driver looks at the server: no third that measures round trips.
    maxPoolSize: 1,
    serverMonitoringMode: 'poll',
    retryWrites: false,
    retryReads: false,
    ...(account !== null && {
      auth: { username: account.user, password: account.password },
      authSource: account.source,
    }),
  });
}

/** Rejects with the signal's reason when it is aborted. */
function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}

/** Clocks take no more, ms. */
const LONGEST = 2 ** 31 - 1;

function sessionOf(client: MongoClient): Session {
  return {
    admin: (command) => client.db('admin').command(command),
    db: (name) => client.db(name),
  };
}

/** The number of a server's error; null for any other error. */
export function codeOf(error: unknown): number | null {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'number' ? code : null;
}
