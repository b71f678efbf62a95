// What a `status` and a `destroy` can't do without, each done by itself with as little as does it.
import fs from 'node:fs';
import mysql from 'mysql2/promise';
import { dbns } from './dbns.mjs';
import { run } from './run.mjs';

/**
 * Rows of what calls stand on. The last four take a cluster apart; it is destroyed after them.
 * @param {{standing: () => Promise<void>, destroyed: () => Promise<unknown>}} cluster made where it is not there; destroyed
 * @param {string} name the cluster's
 */
export function measureFloors({ standing, destroyed }, name) {
  const on = (act) => async () => {
    await standing();
    const { stdout } = await dbns(['status', name, '--json']);
    const [cluster] = JSON.parse(stdout).clusters;
    return timed(() => act(cluster));
  };
  return [
    { name: 'walk of /proc', measure: () => timed(walk) },
    { name: 'logins', measure: on(logIn) },
    { name: 'kill', measure: on(kill) },
    { name: 'links', measure: on(cutLinks) },
    { name: 'nft', measure: on(({ name: cluster }) => run(['nft', 'delete', 'table', 'inet', `dbns-${cluster}`])) },
    { name: 'files', measure: () => on(removeFiles)().finally(destroyed) },
  ];
}

async function timed(act) {
  const began = performance.now();
  await act();
  return { ms: performance.now() - began };
}

/** Of each process on the machine the network namespace that it is in. */
function walk() {
  for (const pid of fs.readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) namespaceOf(pid);
}

function namespaceOf(pid) {
  try {
    return fs.readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return null;
  }
}

function logIn({ nodes }) {
  return Promise.all(
    nodes.map(async ({ socket }) => {
      const connection = await mysql.createConnection({ socketPath: socket, user: 'root' });
      await connection.query('SELECT 1');
      connection.destroy();
    }),
  );
}

async function kill({ nodes }) {
  for (const { pid } of nodes) process.kill(pid, 'SIGKILL');
  while (nodes.some(({ pid }) => fs.existsSync(`/proc/${pid}/ns/net`)))
    await new Promise((resolve) => setTimeout(resolve, 1));
}

async function cutLinks({ nodes }) {
  const input = nodes.map(({ namespace }) => `netns delete ${namespace}\n`).join('');
  await run(['ip', '-batch', '-'], { input });
}

async function removeFiles({ name, nodes }) {
  const directories = nodes.map((node) => `/var/lib/dbns/clusters/${name}/${node.name}`);
  await Promise.all(directories.map((directory) => run(['rm', '-rf', directory])));
}
