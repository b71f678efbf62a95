import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasImages, MARIADB } from './world/cluster.js';
import { run } from './world/command.js';
import { MONGOD } from './world/mongo.js';
import { THOROUGH } from './world/sample.js';

// The projects of examples/ with the package as npm would publish it. npm needs the machine's network; they run in a world.

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const ENTER = path.join(import.meta.dirname, 'world/enter.sh');

let place = '';
let tarball = '';
beforeAll(async () => {
  // A world sees the checkout; and test runners look into nothing that is called node_modules.
  place = mkdtempSync(path.join(REPOSITORY, '.examples-'));
  await run(['npm', 'pack', '--ignore-scripts', '--pack-destination', place]);
  tarball = path.join(place, readdirSync(place).find((name) => name.endsWith('.tgz')) ?? '');
});
afterAll(() => {
  rmSync(place, { recursive: true });
});

/** Runs `npm test` of an example in a world; answers what it said. */
async function tried(name: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const directory = path.join(place, name);
  cpSync(path.join(REPOSITORY, 'examples', name), directory, { recursive: true });
  await run(['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', '--prefix', directory, tarball]);
  const words = [ENTER, 'npm', 'test', '--prefix', directory];
  const { stdout, stderr } = await run(words, {
    env: { ...WITHOUT_RUNNER, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
  });
  return stdout + stderr;
}

/** What this run of vitest has in its environment is not the example's. */
const WITHOUT_RUNNER = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^(VITEST|TEST$|NODE_OPTIONS$|NODE_ENV$|npm_)/.test(name))
    .map((name) => [name, undefined as unknown as string]),
);

const images = { skip: !hasImages(MARIADB) };

test('mysql2: read-write splitting and a failover', images, async () => {
  expect(await tried('mysql2')).toMatch(/# pass 2\n[^]*# fail 0/);
});

test('vitest: 20 tests on a shared cluster', images, async () => {
  expect(await tried('vitest')).toMatch(/Tests.* 20 passed/);
});

// npm takes a minute for jest.
test('jest, in CommonJS', { skip: images.skip || !THOROUGH }, async () => {
  expect(await tried('jest')).toMatch(/Tests: +3 passed, 3 total/);
});

const python = { skip: images.skip || spawnSync('python3', ['--version']).status !== 0 };

test('Python, by dbns run', python, async () => {
  const modules = path.join(place, 'modules');
  mkdirSync(modules);
  await run([
    'bash',
    '-c',
    'cd "$1" && get="apt-get download python3-pymysql" && { $get || { apt-get update && $get; }; } && dpkg -x ./*.deb .',
    'apt',
    modules,
  ]);
  const said = await tried('python', { PYTHONPATH: path.join(modules, 'usr/lib/python3/dist-packages') });
  expect(said).toMatch(/Ran 1 test[^]*OK/);
});

test('mongodb through a step-down', { skip: MONGOD === '' }, async () => {
  expect(await tried('mongodb', { DBNS_IMAGE: MONGOD })).toMatch(/# pass 1\n[^]*# fail 0/);
});
