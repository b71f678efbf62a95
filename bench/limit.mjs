import fs from 'node:fs';
import { interrupted } from './interrupt.mjs';
import { clearLab, layDirectories, layNetwork } from './lab.mjs';
import { planLab } from './plan.mjs';
import { run, settle } from './run.mjs';
import { startServer, waitForAnswer, waitForSynced } from './servers.mjs';
import { TOPOLOGIES } from './topologies.mjs';

/**
 * The bare limit: the servers of a create, less what makes a cluster of them, started at once from clones, until all
 * answer.
 * @param {import('./topologies.mjs').Of} of
 */
export async function measureLimit(of) {
  return measure(of, {
    config: ({ config }) => config.split('\n').filter(isLasting(of)).join('\n'),
    words: ({ server }) => server.filter(isLasting(of)),
    wait: (started) => waitForAnswer(started, TOPOLOGIES[of.topology].speaks),
  });
}

/**
 * What Galera needs by itself: the same servers as dbns starts them, with a recorded view, until all are Synced.
 * @param {import('./topologies.mjs').Of} of
 */
export async function measureGaleraLimit(of) {
  return measure(of, {
    config: ({ config }) => config,
    words: ({ server }) => server,
    view: true,
    wait: (started) => waitForSynced(started, of.nodes),
  });
}

/** The clock runs from the first spawn on: network, clones and files are there before. */
async function measure(of, way) {
  const { nodes, ...network } = await planLab(of);
  try {
    await layNetwork({ ...network, nodes });
    await Promise.all(nodes.map((node) => layNode(node, way)));
    await settle();
    const began = performance.now();
    const started = nodes.map((node) => startServer(node, way.words(node)));
    const ready = await Promise.all(
      started.map(async (server) => {
        await way.wait(server);
        return performance.now() - began;
      }),
    );
    return { ms: Math.max(...ready), ready };
  } finally {
    await clearLab();
  }
}

/** The directory of a node of the lab. @param {import('./plan.mjs').LabNode} node */
export async function layNode(node, { config, view }) {
  layDirectories(node);
  await run(node.clone, { signal: interrupted });
  fs.writeFileSync(node.configFile, config(node));
  if (view !== true) return;
  fs.writeFileSync(node.formingFile, node.forming);
  const file = `${node.directory}/data/gvwstate.dat`;
  fs.writeFileSync(file, node.view, { mode: 0o600 });
  fs.chownSync(file, node.uid, node.uid);
}

/** Whether a line of a my.cnf, or a word of a start, is another than those that make a cluster of servers. */
function isLasting({ topology }) {
  const { forming } = TOPOLOGIES[topology];
  return (text) => forming === null || !forming.test(text.replace(/^(\s+|--)/, ''));
}
