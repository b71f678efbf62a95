import { createCluster, dbns, destroyMade } from './dbns.mjs';
import { interrupted } from './interrupt.mjs';
import { settle } from './run.mjs';
import { TOPOLOGIES } from './topologies.mjs';

const NAME = 'benchreset';

const USED = 'CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (1)';

/**
 * `dbns reset` of a new cluster that was written to: the whole call.
 * @param {import('./topologies.mjs').Of} of
 */
export async function measureReset(of) {
  await createCluster(NAME, of);
  try {
    if (TOPOLOGIES[of.topology].speaks === 'sql')
      await dbns(['client', NAME, '--', '-e', USED], { signal: interrupted });
    await settle();
    const { ms } = await dbns(['reset', NAME, '--json'], { signal: interrupted });
    return { ms };
  } finally {
    await destroyMade();
  }
}
