import { createCluster, dbns, destroyCluster } from './dbns.mjs';
import { interrupted } from './interrupt.mjs';
import { settle } from './run.mjs';

const NAME = 'benchlife';

/**
 * `dbns stop` and `start` of a cluster, and a start after all servers were killed: the whole calls.
 * @param {import('./topologies.mjs').Of & {runs: number}} of
 */
export async function measureLife({ runs, ...of }) {
  await createCluster(NAME, of);
  const samples = { stop: [], start: [], 'start after kill': [] };
  for (let run = 1; run <= runs; run++) {
    samples.stop.push(await call('stop', NAME));
    samples.start.push(await call('start', NAME));
    await call('kill', NAME, '--all');
    samples['start after kill'].push(await call('start', NAME));
  }
  await destroyCluster(NAME);
  return samples;
}

async function call(...words) {
  await settle();
  const { ms } = await dbns(words, { signal: interrupted });
  return { ms };
}
