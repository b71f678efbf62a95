import mysql from 'mysql2/promise';
import { createCluster, dbns, destroyCluster } from './dbns.mjs';
import { interrupted } from './interrupt.mjs';
import { memoryOf } from './memory.mjs';
import { TOPOLOGIES } from './topologies.mjs';
import { startWriter, targetOf, writable } from './writer.mjs';

const NAME = 'benchproxy';
const SUBNET = '10.222.222.0/24';
/** Of the proxy, so that it can be asked before the call that makes it has said where it is. */
const ADDRESS = '10.222.222.200';
const ROWS = 100;
const ILL = 'node2';

/**
 * A proxy in front of a cluster: the whole call that makes it, and when a client behind it got the first answer; how much later
 * than an application that knows all nodes one behind the proxy writes again when the writer was killed; and for how long a node
 * is still read from that fell ill.
 * @param {import('./topologies.mjs').Of & {runs: number}} of
 */
export async function measureProxy({ runs, ...of }) {
  /** @type {import('./parts.mjs').Samples} */
  const rows = ['proxy create', 'proxy: first answer', 'proxy: writes back', 'proxy: read from the ill'];
  const samples = Object.fromEntries(rows.map((row) => [row, []]));
  for (let run = 1; run <= runs; run++) {
    const { nodes } = JSON.parse((await createCluster(NAME, of, { more: ['--subnet', SUBNET] })).stdout);
    const target = { ...(await targetOf(NAME, 'node1')), host: ADDRESS };
    const began = performance.now();
    const made = dbns(['proxy', 'create', NAME, '--ip', ADDRESS], { signal: interrupted });
    const answered = firstAnswer(target, made);
    samples['proxy create'].push({ ms: (await made).ms, memory: await memoryOf(NAME) });
    samples['proxy: first answer'].push({ ms: (await answered) - began });
    if (TOPOLOGIES[of.topology].illness !== undefined)
      samples['proxy: read from the ill'].push({ ms: await readFromTheIll(of, nodes) });
    // Of Galera the ill one would let an application in, and take no write.
    const well = nodes.map(({ name }) => name).filter((name) => name !== ILL);
    samples['proxy: writes back'].push({ ms: await writesBack(of, well) });
    await destroyCluster(NAME);
  }
  return Object.fromEntries(Object.entries(samples).filter(([, all]) => all.length > 0));
}

/** The writer is killed under two applications: one knows these nodes, one the proxy alone. */
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

/** ms from when a node fell ill to the last read that it answered through the proxy. */
async function readFromTheIll({ topology, image }, nodes) {
  const target = await targetOf(NAME, 'proxy1', 'ro');
  const { socket } = nodes.find(({ name }) => name === ILL);
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
  const { illness, showsIllness } = TOPOLOGIES[topology];
  const saidAt = performance.now();
  await root.query(illness(image));
  const fellIllAt = showsIllness === undefined ? saidAt : await whenShown(root, showsIllness);
  await new Promise((resolve) => setTimeout(resolve, 4000));
  halt.abort();
  await reading;
  root.destroy();
  const last = reads.filter(({ who, at }) => who === ILL && at > fellIllAt).at(-1);
  return last === undefined ? 0 : last.at - fellIllAt;
}

async function whenShown(connection, statement) {
  for (;;) {
    const asked = performance.now();
    const [rows] = await connection.query(statement);
    if (rows.length > 0) return asked;
    interrupted.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** When it was that somebody first answered there; given up two seconds after the call that makes it has ended. */
async function firstAnswer(target, made) {
  let isLate = false;
  const giveUp = () => (isLate = true);
  made.then(() => setTimeout(giveUp, 2000), giveUp);
  while (!isLate && !interrupted.aborted) {
    const who = await whoAnswers({ ...target, connectTimeout: 100 }).catch(() => null);
    if (who !== null) return performance.now();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return NaN;
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
