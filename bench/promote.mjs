import mysql from 'mysql2/promise';
import { createCluster, dbns, destroyCluster } from './dbns.mjs';
import { interrupted } from './interrupt.mjs';

/** How many rows a writer has written before and after a change of primary. */
const ROWS = { before: 100, after: 1000 };

/**
 * Planned changes of primary under an application with one connection: how long each call takes, and the longest time
 * that the application sees between two acknowledged rows.
 * @param {import('./topologies.mjs').Of & {runs: number}} of
 */
export async function measurePromote({ runs, ...of }) {
  const name = 'benchpromote';
  const { nodes } = JSON.parse((await createCluster(name, of)).stdout);
  const targets = await Promise.all(nodes.map((node) => targetOf(name, node.name)));
  await onPrimary(targets, async (connection) => {
    await connection.query('CREATE DATABASE bench');
    await connection.query('CREATE TABLE bench.t (id INT PRIMARY KEY AUTO_INCREMENT)');
  });
  const [calls, gaps] = [[], []];
  for (let run = 1; run <= runs; run++) {
    const writer = startWriter(targets);
    await writer.until(ROWS.before);
    const { ms } = await dbns(['promote', name, nodes[run % nodes.length].name], { signal: interrupted });
    await writer.until(ROWS.after);
    calls.push({ ms });
    gaps.push({ ms: await writer.stop() });
  }
  await destroyCluster(name);
  return { promote: calls, 'promote: longest gap': gaps };
}

async function targetOf(name, node) {
  const { stdout } = await dbns(['uri', name, node, '--format', 'json']);
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

async function onPrimary(targets, work) {
  const connection = await connect(targets);
  await work(connection);
  connection.destroy();
}

/** Inserts one row after another, and connects anew whenever that fails. */
function startWriter(targets) {
  const halt = new AbortController();
  let [rows, last, longest] = [0, performance.now(), 0];
  const write = async (connection) => {
    while (!halt.signal.aborted && !interrupted.aborted) {
      await connection.query('INSERT INTO bench.t () VALUES ()');
      const now = performance.now();
      if (rows++ > 0) longest = Math.max(longest, now - last);
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
    /** Resolves with the longest gap, ms. */
    async stop() {
      halt.abort();
      await ended;
      return longest;
    },
  };
}
