import { open, rm, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { UsageError, messageOf, isError } from '../errors/errors.js';
import { told } from './file-errors.js';
import type { OwnFile } from './machine.js';

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
export async function openOwnFile({ path, owner }: OwnFile): Promise<(output: Readable) => Promise<void>> {
  const opened = await openOrMake(path).catch((error: unknown) => {
    throw new UsageError(`The file ${path} can't be written: ${messageOf(error)}.`, { cause: error });
  });
  if (opened.isNew && owner !== null) await opened.handle.chown(owner.uid, owner.gid);
  return async (output) => {
    const written = await told(path, () => fill(opened.handle, output)).finally(() => opened.handle.close());
    if (written === 0 && opened.isNew) await rm(path, { force: true });
  };
}

async function openOrMake(path: string): Promise<Opened> {
  try {
    return { handle: await open(path, 'wx', 0o600), isNew: true };
  } catch (error) {
    if (!(isError(error) && 'code' in error && error.code === 'EEXIST')) throw error;
    return { handle: await open(path, 'r+'), isNew: false };
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
