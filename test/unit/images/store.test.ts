import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MachineError, NotFoundError, UsageError } from '../../../src/errors/errors.js';
import { localMachine } from '../../../src/host/local-machine.js';
import type { Machine } from '../../../src/host/machine.js';
import { ImageNotPulledError, findImage, listImages, removeImage } from '../../../src/images/store.js';

let state = '';
let machine: Machine = localMachine;
beforeEach(() => {
  state = mkdtempSync(path.join(os.tmpdir(), 'dbns-images-'));
  machine = { ...localMachine, roots: { ...localMachine.roots, state } };
});
afterEach(() => {
  rmSync(state, { recursive: true });
});

function place(ref: string, content?: string): void {
  const directory = path.join(state, 'images', ref.replace(':', '/'));
  mkdirSync(path.join(directory, 'root/usr'), { recursive: true });
  const record = {
    format: 1,
    ref,
    build: 'c0ffee',
    from: 'a test',
    createdAt: '2026-01-01T00:00:00.000Z',
    sizeBytes: 7,
  };
  writeFileSync(path.join(directory, 'image.json'), content ?? JSON.stringify(record));
}

describe('a pulled image', () => {
  test('is found, with where it is', async () => {
    place('mariadb:10.11');
    expect(await findImage(machine, 'mariadb:10.11')).toEqual({
      ref: 'mariadb:10.11',
      kind: 'pulled',
      root: `${state}/images/mariadb/10.11/root`,
      build: 'c0ffee',
      extraBinds: [],
      binaryDirectories: ['/usr/sbin', '/usr/bin', '/usr/libexec', '/usr/local/sbin', '/usr/local/bin'],
      from: 'a test',
      digest: null,
      createdAt: '2026-01-01T00:00:00.000Z',
      sizeBytes: 7,
    });
  });

  test('that is not there yet is told from one that never will be', async () => {
    await expect(findImage(machine, 'mariadb:10.11')).rejects.toBeInstanceOf(ImageNotPulledError);
    await expect(findImage(machine, 'mariadb:10.11')).rejects.toMatchObject({
      exitCode: 3,
      ref: 'mariadb:10.11',
      suggestions: ['dbns image pull mariadb:10.11'],
    });
    await expect(findImage(machine, 'mariadb:9')).rejects.not.toBeInstanceOf(ImageNotPulledError);
    await expect(findImage(machine, 'mariadb:9')).rejects.toThrow(/mariadb:10\.11, mariadb:11\.8/);
  });

  test('may be one that the catalogue does not know any more', async () => {
    place('mariadb:5.5');
    expect((await findImage(machine, 'mariadb:5.5')).build).toBe('c0ffee');
  });

  test.each(['', '{}', '[]', 'null', '{"format":2}', '{"format":1,"ref":"mariadb:11.8"}'])(
    'with the record %j is damaged',
    async (content) => {
      place('mariadb:10.11', content);
      await expect(findImage(machine, 'mariadb:10.11')).rejects.toBeInstanceOf(MachineError);
    },
  );
});

test('a name that is malformed never becomes a path', async () => {
  await expect(findImage(machine, '../../etc:passwd')).rejects.toBeInstanceOf(UsageError);
  await expect(removeImage(machine, 'x:..')).rejects.toBeInstanceOf(UsageError);
});

test('lists what was pulled, by name, without unfinished trees', async () => {
  expect(await listImages(machine)).toEqual([]);
  for (const ref of ['mysql:9.7', 'mariadb:11.8', 'mariadb:10.11', 'mariadb:.9.partial']) place(ref);
  mkdirSync(path.join(state, 'images/mariadb/empty'));
  expect((await listImages(machine)).map(({ ref }) => ref)).toEqual(['mariadb:10.11', 'mariadb:11.8', 'mysql:9.7']);
});

describe('removing', () => {
  test('leaves nothing of the image, and others alone', async () => {
    place('mariadb:10.11');
    place('mariadb:11.8');
    await removeImage(machine, 'mariadb:10.11');
    expect(readdirSync(path.join(state, 'images/mariadb'))).toEqual(['11.8']);
  });

  test('gets rid of a damaged image too', async () => {
    place('mariadb:10.11', 'x');
    await removeImage(machine, 'mariadb:10.11');
    expect(readdirSync(path.join(state, 'images/mariadb'))).toEqual([]);
  });

  test('is refused for what is not there, and for what is not ours', async () => {
    await expect(removeImage(machine, 'mariadb:10.11')).rejects.toBeInstanceOf(NotFoundError);
    await expect(removeImage(machine, 'dir:/opt')).rejects.toBeInstanceOf(UsageError);
    await expect(removeImage(machine, 'host')).rejects.toBeInstanceOf(UsageError);
  });
});
