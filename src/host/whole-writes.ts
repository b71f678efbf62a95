import fs from 'node:fs';
import type { Writable } from 'node:stream';

/**
 * Writes to a stream of a regular file whole, or fails. Node takes the part of a text that still had room on the disk for
 * all of it, so that a document would be cut without a word.
 */
export function writeWhole(stream: Writable & { readonly fd: number }): void {
  if (!fs.fstatSync(stream.fd).isFile()) return;
  stream._write = (chunk: Uint8Array, _encoding, done) => {
    try {
      fs.writeFileSync(stream.fd, chunk);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
}
