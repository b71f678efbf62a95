import fs from 'node:fs';
import path from 'node:path';
import { assertNoClusters, createCluster, destroyCluster, destroyMade } from './dbns.mjs';
import { memoryOf } from './memory.mjs';
import { phasesOf } from './phases.mjs';
import { pristineDirectory, socketsOf } from './plan.mjs';
import { settle } from './run.mjs';
import { watchSockets } from './sockets.mjs';

/**
 * `dbns TOPOLOGY create` with no pristine directory: nothing cached but the image, and what its binary said of itself.
 * @param {import('./topologies.mjs').Of} of
 */
export async function measureCold(of) {
  await removePristine(await pristineDirectory(of));
  return measure('benchcold', of);
}

/**
 * `dbns TOPOLOGY create` with the pristine directory there.
 * @param {import('./topologies.mjs').Of} of
 * @param {readonly string[]} [more] words for `create`
 */
export async function measureWarm(of, more = []) {
  return measure('benchwarm', of, more);
}

/** One create that does not count: afterwards the pristine directory is there, and the image in the page cache. */
export async function warmUp(of) {
  await createCluster('benchwarmup', of);
  await destroyCluster('benchwarmup');
}

async function measure(name, of, more = []) {
  const sockets = watchSockets(await socketsOf(name, of));
  await settle();
  /** @type {import('./phases.mjs').Line[]} */
  const lines = [];
  const onLine = (text, at) => {
    lines.push({ at, text });
    sockets.directoriesMayBeThere();
  };
  const began = performance.now();
  try {
    const { ms, outputAt } = await createCluster(name, of, { onLine, more });
    const marks = { lines, socketsAt: sockets.completeAt(began), outputAt, ms };
    return { ms, phases: phasesOf(marks), fellBack: lines.some(isFallback), lines, memory: await memoryOf(name) };
  } finally {
    sockets.close();
    await destroyMade();
  }
}

function isFallback({ text }) {
  return text.includes('did not form');
}

/** Nobody may be using it; and by the name of a draft it is nothing to dbns even if we are killed in between. */
async function removePristine(directory) {
  await assertNoClusters();
  if (!fs.existsSync(directory)) return;
  const draft = path.join(path.dirname(directory), `.draft-${path.basename(directory)}`);
  fs.rmSync(draft, { recursive: true, force: true });
  fs.renameSync(directory, draft);
  fs.rmSync(draft, { recursive: true });
}
