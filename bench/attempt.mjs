import { destroyMade } from './dbns.mjs';
import { BenchError } from './errors.mjs';
import { interrupted } from './interrupt.mjs';
import { say } from './say.mjs';

/** What could not be measured. @typedef {{name: string, message: string}} Failure */

/**
 * Measures one thing. That it fails is a result too, and is written down; what ends the whole bench (an interrupt, a
 * cluster of someone else, a bug) is thrown.
 * @template T
 * @param {string} name
 * @param {Failure[]} failures
 * @param {() => Promise<T>} measure
 * @returns {Promise<T | null>} null when it failed
 */
export async function attempt(name, failures, measure) {
  try {
    return await measure();
  } catch (error) {
    if (interrupted.aborted || !(error instanceof BenchError) || error.exitCode !== 1) throw error;
    say(`${name} failed: ${error.message}`);
    failures.push({ name, message: error.message });
    await destroyMade();
    return null;
  }
}
