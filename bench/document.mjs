import os from 'node:os';
import { summaryOf, tailOf } from './summary.mjs';
import { TOPOLOGIES } from './topologies.mjs';

/**
 * All that was measured. Times are ms, sizes bytes.
 * @typedef {object} Document
 * @property {import('./words.mjs').Words} words
 * @property {ReturnType<typeof describeMachine>} machine
 * @property {ReturnType<typeof summaryOf>} summary
 * @property {ReturnType<typeof tailOf>} tail
 * @property {readonly import('./attempt.mjs').Failure[]} failures what could not be measured
 * @property {import('./parts.mjs').Samples} samples raw
 */

/**
 * @param {import('./words.mjs').Words} words
 * @param {ReturnType<typeof describeMachine>} machine
 * @param {import('./parts.mjs').Samples} samples
 * @param {readonly import('./attempt.mjs').Failure[]} failures
 * @returns {Document}
 */
export function documentOf(words, machine, samples, failures) {
  const { wanted } = TOPOLOGIES[words.topology];
  const tail = words.parts.includes('slowest') ? tailOf(samples) : null;
  return { words, machine, summary: summaryOf(samples, wanted), tail, failures, samples };
}

/** As it is now. */
export function describeMachine() {
  const cpus = os.cpus();
  return {
    at: new Date().toISOString(),
    ...{ cpus: cpus.length, cpu: cpus[0]?.model ?? '', memoryBytes: os.totalmem() },
    ...{ kernel: os.release(), node: process.version, load: os.loadavg() },
  };
}
