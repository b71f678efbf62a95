import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NotFoundError } from '../../../src/errors/errors.js';
import { localMachine } from '../../../src/host/local-machine.js';
import { directoryImage, hostImage } from '../../../src/images/local-images.js';
import { findImage } from '../../../src/images/store.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'dbns-images-'));
  mkdirSync(path.join(directory, 'bin'));
  writeFileSync(path.join(directory, 'bin/mysqld'), 'one');
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('a directory is an image as it is', async () => {
  expect(await directoryImage(localMachine, directory)).toMatchObject({
    ref: `dir:${directory}`,
    kind: 'directory',
    root: '/',
    extraBinds: [directory],
    binaryDirectories: [`${directory}/bin`, directory],
    sizeBytes: null,
  });
});

test('an archive of MariaDB has its installer among scripts', async () => {
  mkdirSync(path.join(directory, 'scripts'));
  const { binaryDirectories } = await directoryImage(localMachine, directory);
  expect(binaryDirectories).toContain(`${directory}/scripts`);
});

test('another server in the directory is another build', async () => {
  const { build } = await directoryImage(localMachine, directory);
  expect(build).toMatch(/^[0-9a-f]+$/);
  expect((await directoryImage(localMachine, directory)).build).toBe(build);
  writeFileSync(path.join(directory, 'bin/mysqld'), 'another');
  expect((await directoryImage(localMachine, directory)).build).not.toBe(build);
});

test('a directory must be there, and be one', async () => {
  await expect(directoryImage(localMachine, `${directory}/none`)).rejects.toBeInstanceOf(NotFoundError);
  await expect(directoryImage(localMachine, `${directory}/bin/mysqld`)).rejects.toBeInstanceOf(NotFoundError);
});

test('the host has the directories of PATH that servers see', async () => {
  const before = process.env.PATH;
  process.env.PATH = `/root/bin:relative::/usr/bin:${directory}:/opt/bin`;
  try {
    const image = hostImage(localMachine);
    expect(await findImage(localMachine, 'host')).toEqual(image);
    expect(image.binaryDirectories).toEqual([
      '/usr/bin',
      '/opt/bin',
      ...['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/libexec'],
    ]);
  } finally {
    process.env.PATH = before;
  }
});
