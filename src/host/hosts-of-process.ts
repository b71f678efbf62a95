import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import path from 'node:path';
import { MachineError } from '../errors/errors.js';

/**
 * Changes a hosts file of somebody else's in place: it may be mounted where it is, and then can't be replaced. It belongs
 * to a container perhaps, whose links would lead to files of the machine: none is followed.
 * @throws MachineError for what is no plain file.
 */
export async function changeHosts(file: string, change: (text: string) => string): Promise<void> {
  const directory = await lstat(path.dirname(file));
  if (!directory.isDirectory()) throw new MachineError(`${path.dirname(file)} is no directory.`);
  const handle = await open(file, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile() || found.nlink > 1) throw new MachineError(`${file} is no plain file.`);
    const before = await handle.readFile('utf8');
    const after = change(before);
    if (after === before) return;
    await handle.write(after, 0, 'utf8');
    await handle.truncate(Buffer.byteLength(after));
  } finally {
    await handle.close();
  }
}
