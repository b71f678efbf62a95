// Runs files of test/system, each in a fresh world (world/inside.sh), several worlds side by side: a test waits most of
// its time, and worlds see nothing of each other. Files named *-real.test.ts need the machine's own network: they run
// outside a world, with a /tmp of their own.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { nothing, readOutcome } from './world/report.mjs';

const here = import.meta.dirname;
const repository = path.resolve(here, '../..');
const vitest = path.join(repository, 'node_modules/.bin/vitest');
const enter = path.join(here, 'world/enter.sh');

/** How long a file may say nothing; tests end by their own limits, which are shorter. */
const SILENCE_MINUTES = 70;

/** The longest files first, so that none is left alone at the end. */
const LONG = [
  'upgrade',
  'shapes',
  'tls',
  'fault',
  'proxy',
  'group',
  'examples-real',
  'add-replication',
  'interrupt',
  'start-replication',
  'promote',
  'pxc',
  'interrupt-doors',
  'add-group',
  'options',
  'errors',
  'connect',
  'image-oci',
  'concurrency',
  'interrupt-growth',
  'start-pxc',
  'replication',
  'damage',
  'life',
  'replication-status',
  'reset',
  'network',
  'interrupt-life',
  'doctor',
  'add-pxc',
  'lan',
  'rebuild',
  'reboot',
  'fault-ends',
  'load',
  'fault-add',
  'fixtures',
  'replication-words',
  'replication-filter',
  'link',
  'fault-slow',
  'attach',
  'image-pull',
  'image-pull-real',
  'restart',
  'closed',
  'caller',
];
const lengthOf = ({ file }) => LONG.toReversed().indexOf(file.replace('.test.ts', ''));

/** What measures by the clock has nothing beside it. */
const needsQuiet = (file) => file.endsWith('-timed.test.ts');

const needsTheMachine = (file) => file.endsWith('-real.test.ts');

/** Names of the files that one of the filters is part of; all when there is none. */
export function testFiles(filters = []) {
  return fs
    .readdirSync(here)
    .filter((name) => name.endsWith('.test.ts'))
    .filter((name) => filters.length === 0 || filters.some((filter) => `test/system/${name}`.includes(filter)))
    .sort();
}

/**
 * Runs jobs, `worlds` of them at a time, and prints what each said when it has ended (as it comes, with one world).
 * Files that need the machine are skipped unless `real`. An aborted signal ends what runs, and its worlds.
 * @param {readonly { file: string, image: string, env?: Record<string, string> }[]} jobs `env`: words of the environment besides
 * @param {{ worlds: number, real: boolean, signal: AbortSignal }} options
 * @returns {Promise<import('./world/report.mjs').Outcome[]>} in the order in which they ended
 */
export async function runFiles(jobs, { worlds, real, signal }) {
  const outcomes = [];
  const timed = jobs.filter(({ file }) => needsQuiet(file));
  const others = jobs.filter(({ file }) => !needsQuiet(file)).toSorted((a, b) => lengthOf(b) - lengthOf(a));
  const work = async (queue) => {
    for (let job = queue.shift(); job !== undefined && !signal.aborted; job = queue.shift()) {
      if (needsTheMachine(job.file) && !real) {
        outcomes.push({ ...nothing(), skipped: [`${job.file} (needs DBNS_TEST_PULL=1)`] });
      } else outcomes.push(await runFile(job, worlds > 1, signal));
    }
  };
  await Promise.all(Array.from({ length: worlds }, () => work(others)));
  await work(timed);
  return outcomes;
}

async function runFile({ file, image, env = {} }, kept, signal) {
  // Not in /tmp: a world has its own.
  const cache = path.join(repository, 'node_modules/.cache');
  fs.mkdirSync(cache, { recursive: true });
  const directory = fs.mkdtempSync(path.join(cache, 'test-system-'));
  const began = performance.now();
  const title = `${file} on ${image}`;
  try {
    const report = path.join(directory, 'report.json');
    if (!kept) console.log(`\n${title}`);
    const { ended, output } = await runVitest({ file, image, env, report, kept, signal });
    const seconds = ((performance.now() - began) / 1000).toFixed(0);
    process.stdout.write(kept ? `\n${title}: ${seconds} s\n${output}` : `${title}: ${seconds} s\n`);
    return readOutcome({ file: `${image}: ${file}`, report, ended });
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

function argvOf(file, report) {
  const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`];
  const words = [vitest, 'run', '--project', 'system', path.join(here, file), ...reporters];
  const ownTmp = ['unshare', '--mount', 'bash', '-c', 'mount -t tmpfs -o mode=1777 tmpfs /tmp && exec "$@"', 'bash'];
  // What we start dies with us, however we die; a session of its own leaves Ctrl-C to us.
  return ['setpriv', '--pdeathsig', 'TERM', ...(needsTheMachine(file) ? ownTmp : [enter]), ...words];
}

/** Resolves when vitest, and its world, have ended: `ended` is null when all is well, else how. */
function runVitest({ file, image, env, report, kept, signal }) {
  const [program, ...words] = argvOf(file, report);
  const child = spawn(program, words, {
    cwd: repository,
    env: { ...process.env, ...env, DBNS_TEST_IMAGE: image, ...(needsTheMachine(file) && { DBNS_TEST_PULL: '1' }) },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve) => {
    let output = '';
    let silent = false;
    const patience = setTimeout(() => {
      silent = true;
      end(child);
    }, SILENCE_MINUTES * 60_000);
    const abort = () => end(child);
    signal.addEventListener('abort', abort);
    const hear = (data) => {
      patience.refresh();
      if (kept) output += data;
      else process.stdout.write(data);
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    const settle = (ended) => {
      clearTimeout(patience);
      signal.removeEventListener('abort', abort);
      resolve({ output, ended: silent ? `said nothing for ${SILENCE_MINUTES} minutes` : ended });
    };
    child.on('error', (error) => settle(error.message));
    child.on('close', (code, how) => settle(code === 0 ? null : `vitest ended with ${code ?? how}, see above`));
  });
}

/** enter.sh takes its world along; whoever has not ended 10 s later is killed. */
function end(child) {
  process.kill(-child.pid, 'SIGTERM');
  const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 10_000);
  child.on('close', () => clearTimeout(timer));
}
