import { createCluster, dbns, destroyCluster } from './dbns.mjs';
import { interrupted } from './interrupt.mjs';
import { settle } from './run.mjs';
import { TOPOLOGIES } from './topologies.mjs';
import { startWriter, writable } from './writer.mjs';

const NAME = 'benchlife';

/**
 * `dbns stop` and `start` of a cluster, a start after all servers were killed, and a rolling restart: the whole calls. Under
 * the last one an application writes, of which the longest time between two acknowledged rows is told.
 * @param {import('./topologies.mjs').Of & {runs: number}} of
 */
export async function measureLife({ runs, ...of }) {
  const { nodes } = JSON.parse((await createCluster(NAME, of)).stdout);
  const targets =
    TOPOLOGIES[of.topology].speaks === 'sql'
      ? await writable(
          NAME,
          nodes.map(({ name }) => name),
        )
      : null;
  const samples = { stop: [], start: [], 'start after kill': [], 'restart --rolling': [] };
  const gaps = [];
  for (let run = 1; run <= runs; run++) {
    samples.stop.push(await call('stop', NAME));
    samples.start.push(await call('start', NAME));
    await call('kill', NAME, '--all');
    samples['start after kill'].push(await call('start', NAME));
    const writer = targets === null ? null : startWriter(targets);
    await writer?.until(ROWS);
    samples['restart --rolling'].push(await call('restart', NAME, '--rolling'));
    await writer?.until(ROWS);
    if (writer !== null) gaps.push({ ms: await writer.stop() });
  }
  await destroyCluster(NAME);
  return { ...samples, ...(targets !== null && { 'restart --rolling: longest gap': gaps }) };
}

/** How many rows the application has written before and after. */
const ROWS = 100;

async function call(...words) {
  await settle();
  const { ms } = await dbns(words, { signal: interrupted });
  return { ms };
}
