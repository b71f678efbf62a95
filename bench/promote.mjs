import { createCluster, dbns, destroyCluster } from './dbns.mjs';
import { interrupted } from './interrupt.mjs';
import { startWriter, writable } from './writer.mjs';

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
  const targets = await writable(
    name,
    nodes.map((node) => node.name),
  );
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
