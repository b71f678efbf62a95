import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClusterView } from '../../src/lifecycle/view.js';
import { MARIADB } from './world/cluster.js';
import { run, start } from './world/command.js';
import { dbns, keepMachineClean } from './world/machine.js';
import { HOURS } from './world/patience.js';
import { THOROUGH } from './world/sample.js';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const MODULES = path.join(REPOSITORY, 'node_modules');

let project = '';
beforeAll(() => {
  project = mkdtempSync('/tmp/fixtures-');
  chmodSync(project, 0o755);
  mkdirSync(`${project}/node_modules`);
  for (const name of readdirSync(MODULES)) {
    if (!name.startsWith('.')) symlinkSync(path.join(MODULES, name), `${project}/node_modules/${name}`);
  }
  symlinkSync(REPOSITORY, `${project}/node_modules/dbns`);
});
keepMachineClean(); // what it looks at has the directory
afterAll(() => {
  rmSync(project, { recursive: true });
});

const SPEC = { topology: 'replication', nodes: 2, image: MARIADB };
const clusters = async () => ((await dbns(['list', '--json'])).json as { clusters: ClusterView[] }).clusters;
const GONE = { timeout: 30_000, interval: 100 };

/** A suite of its own directory, and the words that run it. */
function suite(name: string, files: Readonly<Record<string, string>>, settings: object = {}): readonly string[] {
  const directory = `${project}/${name}`;
  mkdirSync(directory);
  const config = { test: { testTimeout: 60_000, ...settings } };
  writeFileSync(`${directory}/vitest.config.mjs`, `export default ${JSON.stringify(config)};\n`);
  for (const [file, text] of Object.entries(files)) writeFileSync(`${directory}/${file}`, text);
  return [process.execPath, `${MODULES}/vitest/vitest.mjs`, 'run', '--root', directory];
}

/** Neither vitest's own words for workers, nor what belongs to this run. */
const ENV = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^(VITEST|TEST$|NODE_OPTIONS$|npm_)/.test(name))
    .map((name) => [name, undefined]),
);

const setup = `import { clusterSetup } from 'dbns/vitest';\nexport default clusterSetup(${JSON.stringify(SPEC)});\n`;
const queries = `
import mysql from 'mysql2/promise';
export async function query(uri, sql) {
  const connection = await mysql.createConnection(uri);
  try { return (await connection.query(sql))[0]; } finally { await connection.end(); }
}
`;
const sharing = (tests: number) => `
import { expect } from 'vitest';
import { sharedCluster } from 'dbns/vitest';
import { query } from './query.mjs';
const test = sharedCluster();
for (let i = 0; i < ${tests}; i++) test('as new ' + i, async ({ cluster }) => {
  await query(await cluster.uri(), 'CREATE DATABASE shop');
  expect((await cluster.primary()).name).toBe('node1');
  await cluster.node('node2').stop();
});
`;
const owning = `
import { expect } from 'vitest';
import { clusterPerFile } from 'dbns/vitest';
import { query } from './query.mjs';
const test = clusterPerFile(${JSON.stringify({ ...SPEC, nodes: 1 })});
test('its own', async ({ cluster }) => {
  expect(await query(await cluster.uri(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});
`;
const hanging = (of: string) => `
import { ${of} } from 'dbns/vitest';
const test = ${of}(${of === 'clusterPerFile' ? JSON.stringify(SPEC) : ''});
test('hangs', async ({ cluster }) => {
  process.stdout.write('hangs in ' + process.pid + ' with ' + cluster.name + '\\n');
  await new Promise((resolve) => setTimeout(resolve, 600_000));
}, 600_000);
`;

test(
  'tests that share a cluster each find it as new, file after file',
  async () => {
    const tests = THOROUGH ? 10 : 2;
    const files = {
      'a.test.mjs': sharing(tests),
      'b.test.mjs': sharing(tests),
      'query.mjs': queries,
      'setup.mjs': setup,
    };
    const { stdout } = await run(suite('shared', files, { globalSetup: './setup.mjs' }), { env: ENV });
    expect(stdout).toContain(`${2 * tests} passed`);
    expect(await clusters()).toEqual([]);
  },
  HOURS,
);

test(
  'files with a cluster each, four at a time',
  async () => {
    const count = THOROUGH ? 20 : 5;
    const files = Object.fromEntries(Array.from({ length: count }, (_, i) => [`own-${i}.test.mjs`, owning]));
    const words = suite('own', { ...files, 'query.mjs': queries }, { maxWorkers: 4, hookTimeout: 600_000 });
    const { stdout } = await run(words, { env: ENV });
    expect(stdout).toContain(`${count} passed`);
    expect(await clusters()).toEqual([]);
  },
  HOURS,
);

test('a concurrent test can have no shared cluster', async () => {
  const text = `
import { sharedCluster } from 'dbns/vitest';
const test = sharedCluster();
test.concurrent('at once', async ({ cluster }) => { await cluster.status(); });
`;
  const files = { 'a.test.mjs': text, 'setup.mjs': setup };
  const { stdout, stderr } = await run(suite('concurrent', files, { globalSetup: './setup.mjs' }), {
    ...{ env: ENV, expectExit: 1 },
  });
  expect(`${stdout}${stderr}`).toContain("'at once' is concurrent: tests that share a cluster run one after another.");
});

describe('killed in the middle, nothing is left:', () => {
  test.each([
    { who: 'vitest', of: 'clusterPerFile' },
    { who: 'its worker', of: 'clusterPerFile' },
    { who: 'vitest', of: 'sharedCluster' },
  ])('$who, with $of', async ({ who, of }) => {
    const files = { 'a.test.mjs': hanging(of), 'setup.mjs': setup };
    const words = suite(
      `killed-${who.length}-${of}`,
      files,
      of === 'sharedCluster' ? { globalSetup: './setup.mjs' } : {},
    );
    const { child, result } = start(words, { env: ENV, expectExit: 'any' });
    let said = '';
    child.stdout?.on('data', (text: string) => (said += text));
    await expect.poll(() => said, { timeout: 120_000 }).toMatch(/hangs in \d+ with replication/);
    expect(await clusters()).toMatchObject([{ name: 'replication', state: 'running' }]);
    const worker = Number(/hangs in (\d+)/.exec(said)?.[1]);
    if (who === 'vitest') child.kill('SIGKILL');
    else process.kill(worker, 'SIGKILL');
    await expect.poll(clusters, GONE).toEqual([]);
    if (who === 'vitest') process.kill(worker, 'SIGKILL');
    await result;
  });
});

test('without root it says which line to type', async () => {
  const words = suite('rootless', { 'a.test.mjs': owning, 'query.mjs': queries });
  // Somebody who can read what root can, and is not root.
  const nobody = ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--'];
  const { stdout, stderr } = await run([...nobody, ...words], { env: ENV, expectExit: 1 });
  expect(`${stdout}${stderr}`).toContain('Clusters need root, and this test run has none.');
  expect(`${stdout}${stderr}`).toContain('sudo env "PATH=$PATH" npx vitest run');
});
