import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MachineError } from '../../../src/errors/errors.js';
import { localFiles } from '../../../src/host/files.js';

let place = '';
beforeEach(() => {
  place = mkdtempSync(path.join(os.tmpdir(), 'dbns-files-'));
  writeFileSync(path.join(place, 'file'), 'x');
  mkdirSync(path.join(place, 'directory'));
  symlinkSync('loop', path.join(place, 'loop'));
});
afterEach(() => {
  rmSync(place, { recursive: true });
});
const at = (name: string) => path.join(place, name);

describe('what a file system refuses is told by what is in the way', () => {
  test.each<[string, () => unknown, string]>([
    ['a directory made in a file', () => localFiles.mkdir(at('file/a')), 'file is not a directory.'],
    ['a directory made where a file is', () => localFiles.mkdir(at('file')), 'file is not a directory.'],
    ['directories made below a file', () => localFiles.mkdirAll(at('file/a/b')), 'file is not a directory.'],
    ['a list of a file', () => localFiles.list(at('file')), 'file is not a directory.'],
    ['a file written in a file', () => localFiles.write(at('file/a'), ''), 'file is not a directory.'],
    ['a file written over a directory', () => localFiles.replace(at('directory'), ''), 'is a directory, where a file'],
    ['a directory that is read', () => localFiles.read(at('directory')), 'directory is a directory, where a file'],
    ['a link in a circle', () => localFiles.read(at('loop')), 'loop is a symbolic link that leads nowhere.'],
    ['a file in no directory', () => localFiles.write(at('none/a'), ''), `There is no `],
  ])('%s', async (_, act, words) => {
    const error = await Promise.resolve()
      .then(act)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MachineError);
    expect((error as MachineError).message).toContain(words);
  });
});

test('what is no link, or not there, leads nowhere', async () => {
  expect(await localFiles.readLink(at('loop'))).toBe('loop');
  expect(await Promise.all(['file', 'none', 'file/a'].map((name) => localFiles.readLink(at(name))))).toEqual([
    null,
    null,
    null,
  ]);
});

test('what is below a file is not there', async () => {
  expect(localFiles.read(at('file/a'))).toBeNull();
  expect(localFiles.tree(at('none'))).toEqual([]);
  await localFiles.remove(at('file/a'));
  expect(await localFiles.removeEmpty(at('file/a'))).toBe(true);
  expect(await localFiles.removeEmpty(at('file'))).toBe(false);
});

test('a tree is its files, below it', async () => {
  await localFiles.replace(at('directory/a'), 'four');
  expect(localFiles.tree(place).map(({ path: name, size }) => [name, size])).toEqual(
    expect.arrayContaining([
      ['file', 1],
      ['directory/a', 4],
    ]),
  );
});

test("directories can be entered by everybody whatever the caller's umask is, and only those that were made", async () => {
  const mode = (name: string) => statSync(at(name)).mode & 0o777;
  const umask = process.umask(0o077);
  try {
    expect(await localFiles.mkdirAll(at('a/b/c'))).toBe(at('a'));
    expect(['a', 'a/b', 'a/b/c'].map(mode)).toEqual([0o755, 0o755, 0o755]);
    expect(mode('')).toBe(0o700);
    expect(await localFiles.mkdirAll(at('a/b/c'))).toBeUndefined();
  } finally {
    process.umask(umask);
  }
});
