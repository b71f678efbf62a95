import fs from 'node:fs/promises';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { MachineError } from '../errors/errors.js';

export interface WriteOptions {
  /** Octal; 0o644 when absent. */
  readonly mode?: number;
  readonly uid?: number;
}

export interface EntryInfo {
  readonly name: string;
  readonly kind: 'directory' | 'file' | 'link' | 'other';
}

/** Files and directories of a machine. Missing files are null, not errors. */
export interface Files {
  read(file: string): string | null;
  exists(file: string): boolean;
  /** Names in a directory, sorted; empty when there is no such directory. */
  list(directory: string): Promise<readonly EntryInfo[]>;
  /** Target of a symbolic link. */
  readLink(file: string): Promise<string>;
  /** Size in bytes, time of change in ms since the epoch, and inode; null when absent. */
  stat(file: string): { readonly size: number; readonly mtimeMs: number; readonly inode: number } | null;
  /** Bytes on disk below a directory. */
  diskUsage(directory: string): Promise<number>;
  /** Bytes free where `directory` is. */
  free(directory: string): Promise<number>;
  mkdir(directory: string, options?: WriteOptions): Promise<void>;
  /** Makes the missing parents, and answers the topmost directory that it made, if any. */
  mkdirAll(directory: string): Promise<string | undefined>;
  /** Rewrites a file in place. */
  write(file: string, content: string, options?: WriteOptions): Promise<void>;
  /** Writes a file of the kernel's, e.g. below /proc/sys: those have no mode to set. */
  writeKernel(file: string, content: string): Promise<void>;
  /** Replaces a file for good or not at all: temp, fsync, rename. */
  replace(file: string, content: string, options?: WriteOptions): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a tree; absent means done. */
  remove(file: string): Promise<void>;
  /** Removes an empty directory; false when it is not empty, true when it is gone. */
  removeEmpty(directory: string): Promise<boolean>;
  copyFile(from: string, to: string): Promise<void>;
}

export const localFiles: Files = {
  read: (file) => nullWhenAbsent(() => readFileSync(file, 'utf8')),
  exists: existsSync,
  list: (directory) => withRoomTold(directory, () => list(directory)),
  readLink: (file) => fs.readlink(file),
  stat: (file) => nullWhenAbsent(() => describe(file)),
  diskUsage,
  async free(directory) {
    const { bavail, bsize } = await fs.statfs(directory);
    return bavail * bsize;
  },
  mkdir: (directory, options) => withRoomTold(directory, () => mkdir(directory, options)),
  mkdirAll: (directory) => withRoomTold(directory, () => fs.mkdir(directory, { recursive: true, mode: 0o755 })),
  write: (file, content, options) => withRoomTold(file, () => write(file, content, options)),
  writeKernel: (file, content) => fs.writeFile(file, content),
  replace: (file, content, options) => withRoomTold(file, () => replace(file, content, options)),
  rename: (from, to) => fs.rename(from, to),
  remove: (file) => fs.rm(file, { recursive: true, force: true, maxRetries: 5 }),
  removeEmpty,
  copyFile: (from, to) => withRoomTold(to, () => fs.copyFile(from, to)),
};

function describe(file: string) {
  const { size, mtimeMs, ino } = statSync(file);
  return { size, mtimeMs, inode: ino };
}

async function list(directory: string): Promise<readonly EntryInfo[]> {
  const entries = await fs.readdir(directory, { withFileTypes: true }).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  return entries
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
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
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

/** mkdir and chown by hand: the mode must not depend on the caller's umask. */
async function mkdir(directory: string, options: WriteOptions = {}): Promise<void> {
  await fs.mkdir(directory).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error;
  });
  await fs.chmod(directory, options.mode ?? 0o755);
  if (options.uid !== undefined) await fs.chown(directory, options.uid, options.uid);
}

async function write(file: string, content: string, options: WriteOptions = {}): Promise<void> {
  const mode = options.mode ?? 0o644;
  const handle = await fs.open(file, 'w', mode);
  try {
    await handle.chmod(mode);
    if (options.uid !== undefined) await handle.chown(options.uid, options.uid);
    await handle.writeFile(content);
  } finally {
    await handle.close();
  }
}

async function replace(file: string, content: string, options: WriteOptions = {}): Promise<void> {
  const temporary = `${file}.new`;
  await write(temporary, content, options);
  const handle = await fs.open(temporary, 'r');
  await handle.sync().finally(() => handle.close());
  await fs.rename(temporary, file);
}

async function removeEmpty(directory: string): Promise<boolean> {
  try {
    await fs.rmdir(directory);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return true;
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

/** A full disk or a read-only one is the machine's lack, and the message names the place. */
async function withRoomTold<T>(place: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const lack = hasCode(error, 'ENOSPC')
      ? 'No space is left on the disk of'
      : hasCode(error, 'EROFS')
        ? 'Read-only:'
        : null;
    if (lack === null) throw error;
    throw new MachineError(`${lack} ${place}.`, { cause: error, suggestions: ['df -h'] });
  }
}

/** Whether an error of Node's own has this code, e.g. `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
