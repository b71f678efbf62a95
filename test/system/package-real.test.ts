import { chmodSync, copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localMachine } from '../../src/host/local-machine.js';
import { rootMounts } from '../../src/images/root-mounts.js';
import { findImage } from '../../src/images/store.js';
import { containerArgv } from '../../src/process/container.js';
import { run } from './world/command.js';

// The package as npm would publish it, installed globally in the fresh tree of an image (made by mmdebstrap, it has no
// Node and nothing of this checkout), with the machine's node beside it. npm needs the machine's network for that. It
// is run by an ordinary user: what it does here needs no root.

const IMAGE = process.env.DBNS_TEST_IMAGE ?? 'mariadb:10.11';
let prefix = '';

beforeAll(async () => {
  prefix = mkdtempSync('/var/tmp/package-');
  chmodSync(prefix, 0o755);
  await run(['npm', 'pack', '--ignore-scripts', '--pack-destination', prefix]);
  const tarball = readdirSync(prefix).find((name) => name.endsWith('.tgz')) ?? '';
  await run(['npm', 'install', '--global', '--prefix', prefix, path.join(prefix, tarball)]);
  copyFileSync(process.execPath, path.join(prefix, 'bin/node'));
});
afterAll(() => {
  rmSync(prefix, { recursive: true });
});

const USER = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];

/** Runs the installed dbns in the image's tree. */
async function installed(words: readonly string[], expectExit = 0) {
  const spec = {
    rootMounts: await rootMounts(localMachine, await findImage(localMachine, IMAGE)),
    writable: [prefix],
    files: {},
    hostname: 'fresh',
    network: 'none',
    user: 'root',
    dieWithParent: true,
  } as const;
  return run(
    [...containerArgv(localMachine, spec, [...USER, 'env', `PATH=${prefix}/bin:/usr/sbin:/usr/bin`, 'dbns', ...words])],
    {
      expectExit,
    },
  );
}

test('says its version', async () => {
  expect((await installed(['--version'])).stdout).toMatch(/^dbns\/\d+\.\d+\.\d+ /);
});

test('has its commands and their help', async () => {
  expect((await installed(['--help'])).stdout).toMatch(/doctor/);
  expect((await installed(['pxc', 'create', '--help'])).stdout).toMatch(/EXAMPLES/);
});

test('has its templates: a plan holds the rendered my.cnf', async () => {
  const { stdout } = await installed(['pxc', 'create', '--nodes', '2', '--dry-run', '--json']);
  expect(stdout).toContain('wsrep_cluster_address           = gcomm://10.200.0.2,10.200.0.3');
});

test('says what the tree lacks', async () => {
  const { stdout, stderr } = await installed(['doctor'], 3);
  expect(`${stdout}${stderr}`).toContain('apt-get install nftables');
});
