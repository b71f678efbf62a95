import fs from 'node:fs/promises';
import {
  accessSync,
  constants,
  createReadStream,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { isError } from '../errors/errors.js';
import { told, toldNow } from './file-errors.js';
import { assertNoMount } from './mounts.js';
import { writeOwnFile, type OwnFile } from './own-file.js';

export interface WriteOptions {
  /** Octal; 0o644 when absent. */
  readonly mode?: number;
  readonly uid?: number;
}

export interface EntryInfo {
  readonly name: string;
  readonly kind: 'directory' | 'file' | 'link' | 'other';
}

/** A file in a tree: its path below the top, size in bytes, and time of change in ms since the epoch. */
export interface TreeFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
}

/**
 * Files and directories of a machine. Missing files are null, not errors.
 * All throw MachineError for what the file system refuses: no room, read-only, a file where a directory belongs …
 */
export interface Files {
  read(file: string): string | null;
  exists(file: string): boolean;
  /** Whether we may write there, and the file system is not read-only. */
  isWritable(file: string): boolean;
  isReadable(file: string): boolean;
  /** A file's bytes from its beginning, a part at a time; what the file system refuses is an error of the stream. */
  stream(file: string): Readable;
  /** Lets `write` write a file of the caller's that is there whole or not at all. */
  writeOwn(file: OwnFile, write: (to: Writable) => Promise<void>): Promise<void>;
  /** Names in a directory, sorted; empty when there is no such directory. */
  list(directory: string): Promise<readonly EntryInfo[]>;
  /** Target of a symbolic link; null when it is none, or absent. */
  readLink(file: string): Promise<string | null>;
  /** Size in bytes, time of change in ms since the epoch, and inode; null when absent. */
  stat(file: string): { readonly size: number; readonly mtimeMs: number; readonly inode: number } | null;
  /** The files below a directory, in no order; none when it is not there. */
  tree(directory: string): readonly TreeFile[];
  /** Bytes on disk below a directory. */
  diskUsage(directory: string): Promise<number>;
  /** Bytes free where `directory` is. */
  free(directory: string): Promise<number>;
  mkdir(directory: string, options?: WriteOptions): Promise<void>;
  /** Makes the missing parents, and answers the topmost directory that it made, if any. */
  mkdirAll(directory: string): Promise<string | undefined>;
  /** Rewrites a file in place. */
  write(file: string, content: string, options?: WriteOptions): Promise<void>;
  /** Adds to the end of a file in one write, so that two who add at once never mix. A new one has the mode. */
  append(file: string, content: string, mode: number): Promise<void>;
  /** Writes a file of the kernel's, e.g. below /proc/sys: those have no mode to set. */
  writeKernel(file: string, content: string): Promise<void>;
  /** Replaces a file for good or not at all: temp, fsync, rename, fsync of the directory. */
  replace(file: string, content: string, options?: WriteOptions): Promise<void>;
  /** Returns when a file's content, or the names in a directory, are on disk (fsync). */
  sync(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a tree, with nothing mounted in it; absent means done. */
  remove(file: string): Promise<void>;
  /** Removes an empty directory; false when it is not empty, true when it is gone. */
  removeEmpty(directory: string): Promise<boolean>;
  copyFile(from: string, to: string): Promise<void>;
}

export const localFiles: Files = {
  read: (file) => toldNow(file, () => nullWhenAbsent(() => readFileSync(file, 'utf8'))),
  exists: existsSync,
  isWritable: (file) => isAccessible(file, constants.W_OK),
  isReadable: (file) => isAccessible(file, constants.R_OK),
  stream: (file) => createReadStream(file, { highWaterMark: CHUNK }),
  writeOwn: writeOwnFile,
  list: (directory) => told(directory, () => Promise.resolve(directory).then(list)),
  readLink: (file) => told(file, () => readLink(file)),
  stat: (file) => toldNow(file, () => nullWhenAbsent(() => describe(file))),
  tree: (directory) => toldNow(directory, () => nullWhenAbsent(() => tree(directory)) ?? []),
  diskUsage: (directory) => told(directory, () => diskUsage(directory)),
  free: (directory) => told(directory, () => free(directory)),
  mkdir: (directory, options) => told(directory, () => mkdir(directory, options)),
  mkdirAll: (directory) => told(directory, () => mkdirAll(directory)),
  write: (file, content, options) => told(file, () => write(file, content, options)),
  append: (file, content, mode) => told(file, () => append(file, content, mode)),
  writeKernel: (file, content) => told(file, () => fs.writeFile(file, content)),
  replace: (file, content, options) => told(file, () => replace(file, content, options)),
  sync: (file) => told(file, () => sync(file)),
  rename: (from, to) => told(to, () => fs.rename(from, to)),
  remove: (file) => told(file, () => remove(file)),
  removeEmpty: (directory) => told(directory, () => removeEmpty(directory)),
  copyFile: (from, to) => told(to, () => fs.copyFile(from, to)),
};

/** Bytes that are read at a time. */
const CHUNK = 64 * 1024;

function isAccessible(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}

function describe(file: string) {
  const { size, mtimeMs, ino } = statSync(file);
  return { size, mtimeMs, inode: ino };
}

/** At once: what reads directories in the background has to be loaded first, which takes longer than it saves. */
function list(directory: string): readonly EntryInfo[] {
  return entriesOf(directory)
    .map((entry): EntryInfo => {
      const kind = entry.isSymbolicLink()
        ? 'link'
        : entry.isDirectory()
          ? 'directory'
          : entry.isFile()
            ? 'file'
            : 'other';
      return { name: entry.name, kind };
    })
    .sort((a, b) => (inOrder(a) < inOrder(b) ? -1 : 1));
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** As text it has node2 before node10. */
function inOrder({ name }: EntryInfo): string {
  return name.replaceAll(/\d+/g, (digits) => digits.padStart(20, '0'));
}

async function diskUsage(directory: string): Promise<number> {
  const entries = await fs.readdir(directory, { withFileTypes: true, recursive: true });
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await fs.lstat(path.join(entry.parentPath, entry.name))).blocks * 512),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function tree(directory: string): readonly TreeFile[] {
  const entries = readdirSync(directory, { withFileTypes: true, recursive: true });
  return entries.flatMap((entry) => {
    if (!entry.isFile()) return [];
    const file = path.join(entry.parentPath, entry.name);
    const { size, mtimeMs } = lstatSync(file);
    return { path: path.relative(directory, file), size, mtimeMs };
  });
}

async function free(directory: string): Promise<number> {
  const { bavail, bsize } = await fs.statfs(directory);
  return bavail * bsize;
}

/** mkdir and chown by hand: the mode must not depend on the caller's umask. */
async function mkdir(directory: string, options: WriteOptions = {}): Promise<void> {
  await fs.mkdir(directory).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST') || !statSync(directory).isDirectory()) throw error;
  });
  await fs.chmod(directory, options.mode ?? 0o755);
  if (options.uid !== undefined) await fs.chown(directory, options.uid, options.uid);
}

/** What was there is overwritten and then cut to length: whoever is killed meanwhile leaves no empty file. */
async function write(file: string, content: string, options: WriteOptions = {}): Promise<void> {
  const mode = options.mode ?? 0o644;
  const handle = await fs.open(file, constants.O_WRONLY | constants.O_CREAT, mode);
  try {
    await handle.chmod(mode);
    if (options.uid !== undefined) await handle.chown(options.uid, options.uid);
    await handle.writeFile(content);
    await handle.truncate(Buffer.byteLength(content));
  } finally {
    await handle.close();
  }
}

async function append(file: string, content: string, mode: number): Promise<void> {
  const handle = await fs.open(file, 'a', mode);
  await handle.write(content).finally(() => handle.close());
}

async function mkdirAll(directory: string): Promise<string | undefined> {
  const topmost = await fs.mkdir(directory, { recursive: true });
  if (topmost === undefined) return topmost;
  for (let made = directory; made !== path.dirname(topmost); made = path.dirname(made)) {
    await fs.chmod(made, 0o755); // not by the caller's umask
    await sync(path.dirname(made));
  }
  return topmost;
}

async function replace(file: string, content: string, options: WriteOptions = {}): Promise<void> {
  const temporary = `${file}.new`;
  await write(temporary, content, options);
  await sync(temporary);
  await fs.rename(temporary, file);
  await sync(path.dirname(file));
}

async function sync(file: string): Promise<void> {
  const handle = await fs.open(file, 'r');
  await handle.sync().finally(() => handle.close());
}

async function remove(file: string): Promise<void> {
  const there = nullWhenAbsent(() => lstatSync(file));
  if (there === null) return;
  if (there.isDirectory()) assertNoMount(file);
  await fs.rm(file, { recursive: true, force: true, maxRetries: 5 });
}

async function readLink(file: string): Promise<string | null> {
  return fs.readlink(file).catch((error: unknown) => {
    if (['EINVAL', 'ENOENT', 'ENOTDIR'].some((code) => hasCode(error, code))) return null;
    throw error;
  });
}

async function removeEmpty(directory: string): Promise<boolean> {
  try {
    await fs.rmdir(directory);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return !existsSync(directory);
    if (hasCode(error, 'ENOTEMPTY') || hasCode(error, 'EBUSY')) return false;
    throw error;
  }
}

function nullWhenAbsent<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return null;
    throw error;
  }
}

/** Whether an error of Node's own has this code, e.g. `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return isError(error) && 'code' in error && error.code === code;
}
