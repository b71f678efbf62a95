import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { UsageError, isError, messageOf } from '../errors/errors.js';
import { told } from './file-errors.js';

/** A file of the caller's, by a path from where the call was made. A new one has mode 0600, and is the owner's if there is one. */
export interface OwnFile {
  readonly path: string;
  readonly owner: { readonly uid: number; readonly gid: number } | null;
}

/** A file of the caller's that is open for writing. */
interface Opened {
  readonly handle: FileHandle;
  readonly isNew: boolean;
}

/**
 * Opens a file that a program's output goes to, before the program starts. What is in it goes when the first byte comes; a
 * new one for which none came goes itself.
 * @throws UsageError for a place where none can be.
 */
export async function openOwnFile({ path: file, owner }: OwnFile): Promise<(output: Readable) => Promise<void>> {
  const opened = await openOrMake(file).catch(refuse(file));
  if (opened.isNew && owner !== null) await opened.handle.chown(owner.uid, owner.gid);
  return async (output) => {
    const written = await told(file, () => fill(opened.handle, output)).finally(() => opened.handle.close());
    if (written === 0 && opened.isNew) await rm(file, { force: true });
  };
}

function refuse(file: string) {
  return (error: unknown): never => {
    throw new UsageError(`The file ${file} can't be written: ${messageOf(error)}.`, { cause: error });
  };
}

/**
 * Writes a file of the caller's that is there whole or not at all: a draft beside it gets its name when all is on disk, and
 * goes when `write` fails. What is no file, a pipe or a terminal, is written as it is.
 * @throws UsageError for a place where none can be; MachineError where there is no room; and as `write`.
 */
export async function writeOwnFile({ path: file, owner }: OwnFile, write: (to: Writable) => Promise<void>) {
  const there = await stat(file).catch(() => null);
  if (there !== null && !there.isFile() && !there.isDirectory()) {
    await fillBy(file, await open(file, 'w').catch(refuse(file)), false, write);
    return;
  }
  if (there?.isDirectory() === true) refuse(file)(new Error('it is a directory'));
  const target = there === null ? file : await realpath(file);
  const draft = path.join(path.dirname(target), `.${path.basename(target)}.${randomBytes(4).toString('hex')}`);
  const handle = await open(draft, 'wx', 0o600).catch(refuse(file));
  try {
    if (owner !== null) await handle.chown(owner.uid, owner.gid);
    await fillBy(file, handle, true, write);
    await told(file, () => rename(draft, target));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Closes it in the end; a file's bytes are on disk by then. */
async function fillBy(
  file: string,
  handle: FileHandle,
  flush: boolean,
  write: (to: Writable) => Promise<void>,
): Promise<void> {
  const stream = handle.createWriteStream({ flush });
  try {
    await told(file, () => write(stream));
    stream.end();
    await told(file, () => finished(stream));
  } finally {
    stream.destroy();
  }
}

async function openOrMake(file: string): Promise<Opened> {
  try {
    return { handle: await open(file, 'wx', 0o600), isNew: true };
  } catch (error) {
    if (!(isError(error) && 'code' in error && error.code === 'EEXIST')) throw error;
    return { handle: await open(file, 'r+'), isNew: false };
  }
}

async function fill(handle: FileHandle, output: Readable): Promise<number> {
  let written = 0;
  for await (const chunk of output) {
    if (written === 0) await handle.truncate().catch(() => undefined); // a pipe has nothing to lose
    const bytes = chunk as Buffer;
    await handle.writeFile(bytes);
    written += bytes.length;
  }
  return written;
}
