import fs from 'node:fs';
import { dbns } from './dbns.mjs';

/**
 * Bytes. Proportional: what processes share (one image's pages) is counted once.
 * @typedef {{resident: number, proportional: number}} Memory
 */

/**
 * What a cluster's processes have, by what they are.
 * @param {string} name
 * @returns {Promise<Readonly<Record<string, readonly Memory[]>>>}
 */
export async function memoryOf(name) {
  const { stdout } = await dbns(['status', name, '--json']);
  const [{ nodes, companions, keeper }] = JSON.parse(stdout).clusters;
  const parts = { node: nodes, proxy: companions, keeper: keeper === null ? [] : [keeper] };
  const measured = Object.entries(parts).map(([part, processes]) => [part, processes.map(measure)]);
  return Object.fromEntries(measured.filter(([, all]) => all.length > 0));
}

function measure({ pid, memoryBytes }) {
  return { resident: memoryBytes, proportional: proportional(pid) };
}

function proportional(pid) {
  const rollup = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) * 1024;
}
