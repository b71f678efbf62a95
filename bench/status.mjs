import { createCluster, dbns, destroyCluster } from './dbns.mjs';
import { interrupted } from './interrupt.mjs';

/**
 * `dbns status` of a cluster, the whole call, again and again; the first does not count.
 * @param {import('./topologies.mjs').Of & {runs: number}} of
 */
export async function measureStatus({ runs, ...of }) {
  const name = `benchstatus${of.nodes}`;
  await createCluster(name, of);
  const samples = [];
  for (let run = 0; run <= runs; run++) {
    const { ms } = await dbns(['status', name], { signal: interrupted });
    if (run > 0) samples.push({ ms });
  }
  await destroyCluster(name);
  return samples;
}
