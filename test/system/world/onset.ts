import mysql from 'mysql2/promise';

/** How long it took until something was so, ms, by the monotonic clock. */
export interface Onset {
  /** Since what caused it may have begun, and since it had. */
  readonly sinceBegun: number;
  readonly sinceDone: number;
  /** The longest time between two looks: by so much it may have been so earlier. */
  readonly blind: number;
}

/** Milliseconds between two looks. */
const PAUSE = 40;

/**
 * Causes something, and looks at a server until a statement says what is awaited there.
 * @param socket of a MySQL or MariaDB server
 */
export async function onsetOf(
  cause: () => Promise<unknown>,
  { socket, sql, is }: { socket: string; sql: string; is: (rows: readonly Record<string, unknown>[]) => boolean },
): Promise<Onset> {
  const connection = await mysql.createConnection({ socketPath: socket, user: 'root' });
  try {
    return await onsetBy(cause, async () => {
      const [rows] = await connection.query(sql);
      return is(rows as Record<string, unknown>[]);
    });
  } finally {
    await connection.end();
  }
}

/** Causes something, and looks until it is so. */
export async function onsetBy(cause: () => Promise<unknown>, isSo: () => Promise<boolean>): Promise<Onset> {
  const begun = performance.now();
  const caused = cause().then(() => performance.now());
  let [last, blind] = [begun, 0];
  for (;;) {
    const found = await isSo();
    const now = performance.now();
    blind = Math.max(blind, now - last);
    last = now;
    if (found) return { sinceBegun: now - begun, sinceDone: Math.max(0, now - (await caused)), blind };
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
