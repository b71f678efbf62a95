// npm run test:system [-- FILE-FILTER…]: each file of test/system in a fresh world (world/inside.sh), one after another.
//   DBNS_TEST_IMAGE    the image under test; mariadb:10.11
//   DBNS_TEST_PULL=1   also *-real.test.ts, which run outside a world: they need the machine's network
//   DBNS_TEST_MINUTES  the time limit of a file; 15
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { nothing, readOutcome } from './world/report.mjs';

const here = import.meta.dirname;
const repository = path.resolve(here, '../..');
const vitest = path.join(repository, 'node_modules/.bin/vitest');
const enter = path.join(here, 'world/enter.sh');
const minutes = Number(process.env.DBNS_TEST_MINUTES ?? 15);
const env = { ...process.env, DBNS_TEST_IMAGE: process.env.DBNS_TEST_IMAGE ?? 'mariadb:10.11' };

let interruptedBy = null;
let running = null;

function testFiles(filters) {
  return fs
    .readdirSync(here)
    .filter((name) => name.endsWith('.test.ts'))
    .filter((name) => filters.length === 0 || filters.some((filter) => `test/system/${name}`.includes(filter)))
    .sort();
}

const needsTheMachine = (file) => file.endsWith('-real.test.ts');

async function runFile(file) {
  if (needsTheMachine(file) && process.env.DBNS_TEST_PULL !== '1') {
    return { ...nothing(), skipped: [`${file} (needs DBNS_TEST_PULL=1)`] };
  }
  // Not in /tmp: a world has its own.
  const cache = path.join(repository, 'node_modules/.cache');
  fs.mkdirSync(cache, { recursive: true });
  const directory = fs.mkdtempSync(path.join(cache, 'test-system-'));
  try {
    const report = path.join(directory, 'report.json');
    return readOutcome({ file, report, ended: await runVitest(file, report) });
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

/** Resolves when vitest, and its world, have ended: with null when all is well, else with how. */
function runVitest(file, report) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const words = [vitest, 'run', '--project', 'system', path.join(here, file), ...reporters];
  // The world dies with us, however we die; a session of its own leaves Ctrl-C to us.
  const argv = ['setpriv', '--pdeathsig', 'TERM', ...(needsTheMachine(file) ? [] : [enter]), ...words];
  const child = spawn(argv[0], argv.slice(1), {
    cwd: repository,
    env,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  running = child;
  return new Promise((resolve) => {
    let late = false;
    const limit = setTimeout(() => {
      late = true;
      end(child);
    }, minutes * 60_000);
    const settle = (ended) => {
      clearTimeout(limit);
      running = null;
      resolve(late ? `did not end in ${minutes} minutes` : ended);
    };
    child.on('error', (error) => settle(error.message));
    child.on('close', (code, signal) => settle(code === 0 ? null : `vitest ended with ${code ?? signal}, see above`));
  });
}

/** enter.sh takes its world along; whoever has not ended 10 s later is killed. */
function end(child) {
  process.kill(-child.pid, 'SIGTERM');
  const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 10_000);
  child.on('close', () => clearTimeout(timer));
}

function tell(outcomes) {
  const failed = outcomes.flatMap((outcome) => outcome.failed);
  const skipped = outcomes.flatMap((outcome) => outcome.skipped);
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  for (const name of skipped) console.log(`skipped: ${name}`);
  for (const name of failed) console.log(`FAILED: ${name}`);
  console.log(`${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
  return failed.length === 0 ? 0 : 1;
}

async function main(filters) {
  if (process.getuid() !== 0) {
    console.error('System tests make networks and mounts. Type: sudo env "PATH=$PATH" npm run test:system');
    return 3;
  }
  const files = testFiles(filters);
  if (files.length === 0) {
    console.error(`No file of test/system matches: ${filters.join(' ')}`);
    return 2;
  }
  const outcomes = [];
  for (const file of files) {
    console.log(`\n${file} on ${env.DBNS_TEST_IMAGE}`);
    outcomes.push(await runFile(file));
    if (interruptedBy !== null) return 128 + { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }[interruptedBy];
  }
  return tell(outcomes);
}

for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    interruptedBy ??= signal;
    if (running !== null) end(running);
  });
}
process.exitCode = await main(process.argv.slice(2));
