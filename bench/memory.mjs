import fs from 'node:fs';
import { dbns } from './dbns.mjs';

/**
 * Of each node's server, right after the create, bytes. Proportional: what servers share (one image's pages) is counted once.
 * @param {string} name
 * @returns {Promise<readonly {resident: number, proportional: number}[]>}
 */
export async function memoryOf(name) {
  const { stdout } = await dbns(['status', name, '--json']);
  const [cluster] = JSON.parse(stdout).clusters;
  return cluster.nodes.map(({ pid, memoryBytes }) => ({ resident: memoryBytes, proportional: proportional(pid) }));
}

function proportional(pid) {
  const rollup = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) * 1024;
}
