import { createCluster, dbns, destroyCluster } from './dbns.mjs';
import { interrupted } from './interrupt.mjs';
import { clearLab, layNetwork } from './lab.mjs';
import { layNode, measureLimit } from './limit.mjs';
import { planLab } from './plan.mjs';
import { settle } from './run.mjs';
import { startServer, waitForSynced } from './servers.mjs';
import { TOPOLOGIES } from './topologies.mjs';

const NAME = 'benchadd';

/** What an `add` is held against. */
const BESIDE = {
  'join by hand': measureJoin,
  'one server': (of) => measureLimit({ ...of, nodes: 1 }),
};

/**
 * `dbns add` of a node, the whole call, and in turn with it what it is held against: the same join of a Galera node by
 * hand, both by IST; or the start of one server. All on clones.
 * @param {import('./topologies.mjs').Of & {runs: number}} of
 */
export async function measureAdd({ runs, ...of }) {
  const { addsBeside } = TOPOLOGIES[of.topology];
  await createCluster(NAME, of);
  const samples = { add: [], [addsBeside]: [] };
  for (let run = 1; run <= runs; run++) {
    await settle();
    const { ms, stdout } = await dbns(['add', NAME, '--json'], { signal: interrupted });
    const [{ nodes, notes }] = JSON.parse(stdout).clusters;
    samples.add.push({ ms, notes });
    await dbns(['remove', NAME, nodes.at(-1).node], { signal: interrupted });
    samples[addsBeside].push(await BESIDE[addsBeside](of));
  }
  await destroyCluster(NAME);
  return samples;
}

/**
 * The clock runs from the spawn of the joiner on: a cluster, its namespace, its clone and its my.cnf are there before. Galera's
 * periods are at their defaults.
 */
async function measureJoin(of) {
  const { nodes, ...network } = await planLab(of);
  const joiner = (await planLab({ ...of, nodes: of.nodes + 1 })).nodes.at(-1);
  const asDbns = { config: ({ config }) => config };
  try {
    await layNetwork({ ...network, nodes: [...nodes, joiner] });
    await Promise.all([
      ...nodes.map((node) => layNode({ ...node, forming: '' }, { ...asDbns, view: true })),
      layNode(joiner, asDbns),
    ]);
    const started = nodes.map((node) => startServer(node, node.server));
    await Promise.all(started.map((server) => waitForSynced(server, nodes.length)));
    await settle();
    const began = performance.now();
    const all = [...started, startServer(joiner, joiner.server)];
    await Promise.all(all.map((server) => waitForSynced(server, all.length)));
    return { ms: performance.now() - began };
  } finally {
    await clearLab();
  }
}
