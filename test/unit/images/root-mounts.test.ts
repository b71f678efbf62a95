import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { localMachine } from '../../../src/host/local-machine.js';
import type { Machine } from '../../../src/host/machine.js';
import type { Image } from '../../../src/images/image.js';
import { rootMounts } from '../../../src/images/root-mounts.js';

const IMAGE: Image = {
  ref: 'mariadb:10.11',
  kind: 'pulled',
  root: '/',
  build: 'c0ffee',
  extraBinds: [],
  binaryDirectories: [],
  digest: null,
  from: 'a test',
  createdAt: null,
  sizeBytes: null,
};

describe('the tree of a pulled image', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(path.join(os.tmpdir(), 'dbns-images-'));
    for (const name of ['usr', 'etc', 'opt', 'dev', 'proc', 'sys', 'run', 'tmp', 'var', 'root'])
      mkdirSync(path.join(root, name));
    for (const name of ['home', 'mnt', 'media', 'srv', 'boot', 'lost+found']) mkdirSync(path.join(root, name));
    symlinkSync('usr/bin', path.join(root, 'bin'));
    symlinkSync('usr/lib64', path.join(root, 'lib64'));
    writeFileSync(path.join(root, 'swapfile'), '');
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  test('is bound entry by entry, and its links stay links', async () => {
    expect(await rootMounts(localMachine, { ...IMAGE, root })).toEqual([
      ...['--symlink', 'usr/bin', '/bin'],
      ...['--ro-bind', `${root}/etc`, '/etc'],
      ...['--symlink', 'usr/lib64', '/lib64'],
      ...['--ro-bind', `${root}/opt`, '/opt'],
      ...['--ro-bind', `${root}/usr`, '/usr'],
    ]);
  });
});

describe("the machine's own tree", () => {
  /** A machine with a /usr, a /home, and an /etc of these links. */
  function machine(links: Readonly<Record<string, string>>): Machine {
    const kinds = { '/': ['usr', 'home', 'etc'], '/etc': ['passwd', ...Object.keys(links)] } as const;
    return {
      ...localMachine,
      files: {
        ...localMachine.files,
        exists: () => true,
        list: (directory) =>
          Promise.resolve(
            (directory === '/' ? kinds['/'] : kinds['/etc']).map((name) => ({
              name,
              kind: directory === '/' ? 'directory' : name in links ? 'link' : 'file',
            })),
          ),
        readLink: (file) => Promise.resolve(links[path.basename(file)] ?? ''),
      },
    };
  }
  const tree = ['--ro-bind', '/usr', '/usr', '--ro-bind', '/etc', '/etc'];

  test('is bound in the same way', async () => {
    expect(await rootMounts(machine({}), { ...IMAGE, kind: 'host' })).toEqual(tree);
  });

  test('has a directory of the user at its place, below parents that all may pass', async () => {
    const image: Image = { ...IMAGE, kind: 'directory', extraBinds: ['/home/u/mysql'] };
    expect(await rootMounts(machine({}), image)).toEqual([
      ...tree,
      ...['--dir', '/home', '--dir', '/home/u', '--ro-bind', '/home/u/mysql', '/home/u/mysql'],
    ]);
  });

  test('has a directory that it shows anyway only once', async () => {
    const image: Image = { ...IMAGE, kind: 'directory', extraBinds: ['/usr/local/mysql'] };
    expect(await rootMounts(machine({}), image)).toEqual(tree);
  });

  test('has what a link in /etc leads to when something is to be bound over it', async () => {
    const links = { 'resolv.conf': '../run/resolve/stub.conf', hosts: 'other-hosts', mtab: '../proc/self/mounts' };
    expect(await rootMounts(machine(links), { ...IMAGE, kind: 'host' })).toEqual([
      ...tree,
      ...['--dir', '/run', '--dir', '/run/resolve', '--ro-bind', '/run/resolve/stub.conf', '/run/resolve/stub.conf'],
    ]);
  });
});
