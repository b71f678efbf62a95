// test/run [--thorough]: everything that must hold, and one closing line. The checkout is set up (bin/setup).
//   --thorough  what is exhaustive (every step interrupted, hundreds of kills, 50 cycles) is tried whole, not in samples
// Words of the environment: see test/system/run.mjs.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { notDrawn } from './system/kinds.mjs';
import { testFiles, runFiles } from './system/run-files.mjs';
import { interruptible } from './system/world/interruptible.mjs';
import { nothing, readOutcome, tell } from './system/world/report.mjs';

const repository = path.resolve(import.meta.dirname, '..');

/** Tests of one topology name their images themselves; all others run on DBNS_TEST_IMAGE. */
const IMAGES = ['mariadb:10.11', 'mariadb:11.8', 'mysql:9.7', 'haproxy:2.6'];
/** Of the tests that are tried in a thorough run alone. */
const THOROUGH_IMAGES = ['router:9.7'];
/** The first image passes everything; the second, what depends on the server. */
const RUNS = [
  { image: 'mariadb:10.11', filters: [] },
  {
    image: 'mariadb:11.8',
    filters: ['status', 'durability'].map((name) => `/${name}.test`),
  },
];
/** Of a thorough run alone: the second image by more, and what is made of packages and of no pulled image. */
const TREES = path.join(repository, 'node_modules/.cache/image-trees');
const [MARIADB_TREE, MYSQL_TREE] = ['mariadb', 'mysql'].map((name) => `dir:${TREES}/${name}`);
const THOROUGH_RUNS = [
  { image: 'mariadb:11.8', filters: ['pxc', 'connect'].map((name) => `/${name}.test`) },
  {
    image: MARIADB_TREE,
    env: { DBNS_TEST_MARIADB: MARIADB_TREE, DBNS_TEST_MYSQL: MYSQL_TREE },
    filters: ['pxc', 'add-pxc', 'replication', 'add-replication', 'group', 'add-group'].map((name) => `/${name}.test`),
  },
  {
    image: 'host',
    env: { DBNS_TEST_MARIADB: 'host', DBNS_TEST_HOST: `${TREES}/host` },
    filters: ['pxc', 'add-pxc', 'replication'].map((name) => `/${name}.test`),
  },
];
const WORLDS = Number(process.env.DBNS_TEST_WORLDS ?? 3);

const isThorough = () => process.env.DBNS_TEST_THOROUGH === '1';
const images = () => (isThorough() ? [...IMAGES, ...THOROUGH_IMAGES] : IMAGES);
const runs = () => (isThorough() ? [...RUNS, ...THOROUGH_RUNS] : RUNS);

/** Runs a command, and prints what it said when it has ended; resolves with its exit code. */
function run(argv, env = {}) {
  const child = spawn(argv[0], argv.slice(1), {
    cwd: repository,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (data) => (text += data));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      process.stdout.write(`\n$ ${argv.join(' ')}\n${text}`);
      resolve(code);
    });
  });
}

/** A command that is one test: it ends with 0. */
async function asOneTest(argv, env) {
  const code = await run(argv, env);
  return code === 0 ? { ...nothing(), passed: 1 } : { ...nothing(), failed: [`${argv.join(' ')}: exit ${code}`] };
}

async function vitest(project) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dbns-test-'));
  const report = path.join(directory, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run(['node_modules/.bin/vitest', 'run', '--project', project, ...reporters]);
  const outcome = readOutcome({ file: project, report, ended: code === 0 ? null : `exit ${code}` });
  fs.rmSync(directory, { recursive: true });
  return outcome;
}

/** Worlds start with the usual pristine directories, made once; without them each would make its own. */
async function makePristine() {
  const cache = path.join(repository, 'node_modules/.cache');
  fs.mkdirSync(cache, { recursive: true });
  const directory = path.join(fs.mkdtempSync(path.join(cache, 'test-pristine-')), 'pristine');
  process.on('exit', () => fs.rmSync(path.dirname(directory), { recursive: true }));
  const world = 'test/system/world';
  const outcome = await asOneTest([`${world}/enter.sh`, `${world}/pristine.sh`, directory]);
  if (outcome.passed === 1) process.env.DBNS_TEST_PRISTINE = directory;
  return outcome;
}

/** A kernel with netem, and what it boots into. */
async function makeGuest() {
  const directory = 'node_modules/.cache/netem-guest';
  const isThere = fs.existsSync(path.join(repository, directory, 'initrd.gz'));
  if (!isThere && (await run(['test/netem-guest.sh', directory])) !== 0)
    console.error('No kernel with netem could be had: the tests that boot one are skipped.');
  return nothing();
}

async function inTurn(acts) {
  const outcomes = [];
  for (const act of acts) outcomes.push(await act());
  return outcomes;
}

if (process.argv.includes('--thorough')) process.env.DBNS_TEST_THOROUGH = '1';
process.env.DBNS_TEST_SEED ??= String(Math.floor(Math.random() * 2 ** 31));
console.log(`DBNS_TEST_SEED=${process.env.DBNS_TEST_SEED}`);

const { signal, exitCode } = interruptible();
const quick = inTurn([
  () => asOneTest(['npm', 'run', '--silent', 'check']),
  () => vitest('unit'),
  () => vitest('command'),
]);
const prepared = await inTurn([
  ...images().map((image) => () => asOneTest(['bin/run.js', 'image', 'pull', image], { DBNS_ALLOW_EXPIRED: '1' })),
  makePristine,
  makeGuest,
  ...(isThorough() ? [() => asOneTest(['test/image-trees.sh', TREES])] : []),
]);
const left = isThorough() ? new Set() : notDrawn(process.env.DBNS_TEST_SEED);
const files = (filters) => testFiles(filters).filter((file) => !left.has(file));
const jobs = runs().flatMap(({ filters, ...run }) => files(filters).map((file) => ({ file, ...run })));
const slow = await runFiles(jobs, { worlds: WORLDS, real: true, signal });
const skipped = [...left].map((file) => `${file} (this seed draws others of its kind)`);
process.exitCode = exitCode() ?? tell([...prepared, ...(await quick), ...slow, { ...nothing(), skipped }]);
