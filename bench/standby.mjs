import { dbns, destroyMade, noteMade } from './dbns.mjs';
import { interrupted } from './interrupt.mjs';
import { settle } from './run.mjs';

/**
 * `dbns TOPOLOGY create` that takes a cluster that stands by: the whole call. The next one is not waited for.
 * @param {import('./topologies.mjs').Of} of
 */
export async function measureTake({ topology, nodes, image }) {
  const words = ['--nodes', String(nodes), '--image', image, '--timeout', '5m', '--json'];
  try {
    await dbns(['standby', 'start', topology, ...words], { signal: interrupted });
    await settle();
    noteMade(topology);
    const { ms } = await dbns([topology, 'create', ...words], { signal: interrupted });
    return { ms };
  } finally {
    await dbns(['standby', 'stop', '--all']);
    await destroyMade();
  }
}
