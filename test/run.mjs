// test/run: everything that must hold, and one closing line. The checkout is set up (bin/setup).
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { nothing, readOutcome } from './system/world/report.mjs';

const repository = path.resolve(import.meta.dirname, '..');

/** Tests of one topology name their images themselves; all others run on DBNS_TEST_IMAGE. */
const IMAGES = ['mariadb:10.11', 'mariadb:11.8', 'mysql:9.7'];
/** The first image passes everything; the second, what depends on the server. */
const RUNS = [
  { image: 'mariadb:10.11', env: { DBNS_TEST_PULL: '1' }, files: [] },
  { image: 'mariadb:11.8', env: {}, files: ['pxc', 'connect', 'network', 'status', 'durability'] },
];

/** Runs a command on our streams; resolves with its exit code and the lines of its stdout. */
function run(argv, env = {}) {
  console.log(`\n$ ${argv.join(' ')}`);
  const child = spawn(argv[0], argv.slice(1), {
    cwd: repository,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (data) => {
    process.stdout.write(data);
    text = `${text}${data}`.slice(-100_000);
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, lines: text.split('\n') }));
  });
}

/** A command that is one test: it ends with 0. */
async function asOneTest(argv, env) {
  const { code } = await run(argv, env);
  return code === 0 ? { ...nothing(), passed: 1 } : { ...nothing(), failed: [`${argv.join(' ')}: exit ${code}`] };
}

async function vitest(project) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dbns-test-'));
  const report = path.join(directory, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { code } = await run(['node_modules/.bin/vitest', 'run', '--project', project, ...reporters]);
  const outcome = readOutcome({ file: project, report, ended: code === 0 ? null : `exit ${code}` });
  fs.rmSync(directory, { recursive: true });
  return outcome;
}

/** The system runner prints its own names and closing line, which is read. */
async function system(image, env, filters) {
  const words = { DBNS_TEST_IMAGE: image, ...env };
  const { code, lines } = await run(['node', 'test/system/run.mjs', ...filters], words);
  const closing = lines.map((line) => /^(\d+) passed, (\d+) failed/.exec(line)).findLast((match) => match !== null);
  const failed = [...lines.join('\n').matchAll(/^FAILED: (.*(?:\n {4}.*)*)/gm)].map(([, text]) => `${image}: ${text}`);
  const skipped = lines.filter((line) => line.startsWith('skipped: ')).map((line) => `${image}: ${line.slice(9)}`);
  if (code !== 0 && failed.length === 0) failed.push(`${image}: test/system/run.mjs ended with ${code}`);
  return { passed: Number(closing?.[1] ?? 0), failed, skipped };
}

const outcomes = [await asOneTest(['npm', 'run', '--silent', 'check']), await vitest('unit'), await vitest('command')];
for (const image of IMAGES) {
  outcomes.push(await asOneTest(['bin/run.js', 'image', 'pull', image], { DBNS_ALLOW_EXPIRED: '1' }));
}
for (const { image, env, files } of RUNS) {
  outcomes.push(
    await system(
      image,
      env,
      files.map((name) => `/${name}.test`),
    ),
  );
}

const failed = outcomes.flatMap((outcome) => outcome.failed);
const skipped = outcomes.flatMap((outcome) => outcome.skipped);
const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
console.log();
for (const name of skipped) console.log(`skipped: ${name}`);
for (const name of failed) console.log(`FAILED: ${name}`);
console.log(`${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exitCode = failed.length === 0 ? 0 : 1;
