import mysql from 'mysql2/promise';
import { dbns } from './dbns.mjs';
import { interrupted } from './interrupt.mjs';

// An application with one connection that looks for the node that takes writes whenever it has lost it.

/**
 * How its nodes are reached, with a table to write to.
 * @param {string} name
 * @param {readonly string[]} nodes
 */
export async function writable(name, nodes) {
  const targets = await Promise.all(nodes.map((node) => targetOf(name, node)));
  const connection = await connect(targets);
  await connection.query('CREATE DATABASE bench');
  await connection.query('CREATE TABLE bench.t (id INT PRIMARY KEY AUTO_INCREMENT)');
  connection.destroy();
  return targets;
}

/** How a node or a proxy is reached, at one of its ports. */
export async function targetOf(name, node, at = 'client') {
  const { stdout } = await dbns(['uri', name, node, '--port', at, '--format', 'json']);
  const { host, port, user, password } = JSON.parse(stdout);
  return { host, port, user, password, connectTimeout: 1000 };
}

/** Connects to the node that takes writes, as a proxy would; null while there is none. */
async function connect(targets) {
  for (const target of targets) {
    const connection = await mysql.createConnection(target).catch(() => null);
    if (connection === null) continue;
    connection.on('error', () => undefined);
    const [[row]] = await connection.query('SELECT @@GLOBAL.read_only AS readOnly').catch(() => [[{ readOnly: 1 }]]);
    if (row.readOnly === 0) return connection;
    connection.destroy();
  }
  return null;
}

/** Inserts one row after another, and connects anew whenever that fails. */
export function startWriter(targets) {
  const halt = new AbortController();
  let [rows, last, longest, backAt] = [0, performance.now(), 0, 0];
  const write = async (connection) => {
    while (!halt.signal.aborted && !interrupted.aborted) {
      await connection.query('INSERT INTO bench.t () VALUES ()');
      const now = performance.now();
      if (rows++ > 0 && now - last > longest) [longest, backAt] = [now - last, now];
      last = now;
    }
  };
  const ended = (async () => {
    while (!halt.signal.aborted && !interrupted.aborted) {
      const connection = await connect(targets);
      if (connection !== null) await write(connection).catch(() => undefined);
      connection?.destroy();
    }
  })();
  return {
    /** Until it has written so many rows more. */
    async until(more) {
      const wanted = rows + more;
      while (rows < wanted && !interrupted.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
      interrupted.throwIfAborted();
    },
    /** When the longest gap ended, by `performance.now()`. */
    backAt: () => backAt,
    /** Resolves with the longest gap, ms. */
    async stop() {
      halt.abort();
      await ended;
      return longest;
    },
  };
}
