import mysql from 'mysql2/promise';
import { createCluster, dbns, destroyCluster } from './dbns.mjs';
import { interrupted } from './interrupt.mjs';
import { TOPOLOGIES } from './topologies.mjs';
import { startWriter, targetOf, writable } from './writer.mjs';

const NAME = 'benchproxy';
const ROWS = 100;

/**
 * A proxy in front of a cluster: the whole call that makes it; how much later than an application that knows all nodes one
 * behind the proxy writes again when the writer was killed; and for how long a node is still read from that fell ill.
 * @param {import('./topologies.mjs').Of & {runs: number}} of
 */
export async function measureProxy({ runs, ...of }) {
  /** @type {import('./parts.mjs').Samples} */
  const samples = { 'proxy create': [], 'proxy: writes back': [], 'proxy: read from the ill': [] };
  for (let run = 1; run <= runs; run++) {
    const { nodes } = JSON.parse((await createCluster(NAME, of)).stdout);
    const names = nodes.map(({ name }) => name);
    const { ms } = await dbns(['proxy', 'create', NAME], { signal: interrupted });
    samples['proxy create'].push({ ms });
    if (TOPOLOGIES[of.topology].illness !== undefined)
      samples['proxy: read from the ill'].push({ ms: await readFromTheIll(of, nodes) });
    samples['proxy: writes back'].push({ ms: await writesBack(of, names) });
    await destroyCluster(NAME);
  }
  return Object.fromEntries(Object.entries(samples).filter(([, all]) => all.length > 0));
}

/** The writer is killed under two applications: one knows all nodes, one the proxy alone. */
async function writesBack({ topology }, names) {
  const direct = await writable(NAME, names);
  const proxied = [await targetOf(NAME, 'proxy1')];
  const writers = [startWriter(direct), startWriter(proxied)];
  await Promise.all(writers.map((writer) => writer.until(ROWS)));
  await dbns(['kill', NAME, 'node1']);
  if (TOPOLOGIES[topology].promotes) await dbns(['promote', NAME, 'node3', '--force']);
  await Promise.all(writers.map((writer) => writer.until(ROWS)));
  await Promise.all(writers.map((writer) => writer.stop()));
  const [knows = 0, behind = 0] = writers.map((writer) => writer.backAt());
  return Math.max(0, behind - knows);
}

/** ms from the statement that makes node2 ill to the last read that it answered through the proxy. */
async function readFromTheIll({ topology, image }, nodes) {
  const target = await targetOf(NAME, 'proxy1', 'ro');
  const { socket } = nodes.find(({ name }) => name === 'node2');
  const reads = [];
  const halt = new AbortController();
  const reading = (async () => {
    while (!halt.signal.aborted && !interrupted.aborted) {
      const who = await whoAnswers(target).catch(() => null);
      reads.push({ who, at: performance.now() });
    }
  })();
  const untilRead = async (more) => {
    const wanted = reads.length + more;
    while (reads.length < wanted) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await untilRead(20);
  const root = await mysql.createConnection({ socketPath: socket, user: 'root' });
  const fellIllAt = performance.now();
  await root.query(TOPOLOGIES[topology].illness(image));
  await new Promise((resolve) => setTimeout(resolve, 4000));
  halt.abort();
  await reading;
  root.destroy();
  const last = reads.filter(({ who, at }) => who === 'node2' && at > fellIllAt).at(-1);
  return last === undefined ? 0 : last.at - fellIllAt;
}

async function whoAnswers(target) {
  const connection = await mysql.createConnection(target);
  connection.on('error', () => undefined);
  try {
    const [[{ name }]] = await connection.query({ sql: 'SELECT @@hostname AS name', timeout: 1000 });
    return name;
  } finally {
    connection.destroy();
  }
}
