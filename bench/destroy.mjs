import { createCluster, destroyCluster } from './dbns.mjs';
import { settle } from './run.mjs';

/** `dbns destroy`, the whole call, of a cluster that was just made. @param {import('./topologies.mjs').Of} of */
export async function measureDestroy(of) {
  await createCluster('benchdestroy', of);
  await settle();
  const { ms } = await destroyCluster('benchdestroy');
  return { ms };
}
