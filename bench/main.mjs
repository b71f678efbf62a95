// npm run bench -- pxc --nodes 4: how fast dbns is, against what the servers need, and against a recipe by hand.
// docs/bench.md says what each row means.
import { assertBuilt, assertNoClusters, destroyMade } from './dbns.mjs';
import { describeMachine, documentOf } from './document.mjs';
import { BenchError, MachineError } from './errors.mjs';
import { catchSignals } from './interrupt.mjs';
import { claimLab, leaveLab } from './lab.mjs';
import { PARTS } from './parts.mjs';
import { textOf } from './text.mjs';
import { USAGE, parseWords } from './words.mjs';

/** @param {readonly string[]} argv */
async function main(argv) {
  const words = parseWords(argv);
  if (words === null) {
    process.stdout.write(USAGE);
    return;
  }
  if (process.getuid() !== 0) throw new MachineError('The bench makes clusters: sudo env "PATH=$PATH" npm run bench');
  assertBuilt();
  catchSignals();
  await assertNoClusters();
  await claimLab();
  try {
    const machine = describeMachine();
    const { samples, failures } = await measureAll(words);
    const document = documentOf(words, machine, samples, failures);
    process.stdout.write(`${words.json ? JSON.stringify(document, null, 2) : textOf(document)}\n`);
    if (failures.length > 0) process.exitCode = 1;
  } finally {
    await cleanUp();
  }
}

async function measureAll(words) {
  const samples = {};
  const failures = [];
  for (const part of words.parts) Object.assign(samples, await PARTS[part](words, failures));
  return { samples, failures };
}

/** Whatever one of them fails at, the other is done. */
async function cleanUp() {
  const results = await Promise.allSettled([destroyMade(), leaveLab()]);
  for (const { reason } of results.filter(({ status }) => status === 'rejected')) throw reason;
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof BenchError ? `Error: ${error.message}` : error.stack}\n`);
  process.exitCode = error.exitCode ?? 1;
}
