import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localFiles } from '../../../src/host/files.js';

let root = '';
const umask = process.umask(0o077);
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'dbns-files-'));
  process.umask(0o077);
});
afterEach(() => {
  process.umask(umask);
  rmSync(root, { recursive: true });
});

const mode = (directory: string) => statSync(directory).mode & 0o777;

test("directories can be entered by everybody whatever the caller's umask is, and only those that were made", async () => {
  expect(await localFiles.mkdirAll(`${root}/a/b/c`)).toBe(`${root}/a`);
  expect([`${root}/a`, `${root}/a/b`, `${root}/a/b/c`].map(mode)).toEqual([0o755, 0o755, 0o755]);
  expect(mode(root)).toBe(0o700);
  expect(await localFiles.mkdirAll(`${root}/a/b/c`)).toBeUndefined();
});
