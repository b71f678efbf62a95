import { Transform, pipeline, type Readable } from 'node:stream';

/** Bytes at the beginning of a stream that are looked at as a whole. */
const HEAD = 64 * 1024;

/** A stream whose beginning is changed; its bytes are characters of latin1 meanwhile, so that none is lost. */
export function adapted(stream: Readable, change: (head: string) => string): Readable {
  let head: Buffer[] | null = [];
  const release = (chunks: readonly Buffer[]) => {
    head = null;
    return Buffer.from(change(Buffer.concat(chunks).toString('latin1')), 'latin1');
  };
  const beginning = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (head === null) {
        done(null, chunk);
        return;
      }
      head.push(chunk);
      const length = head.reduce((sum, part) => sum + part.length, 0);
      if (length < HEAD) done();
      else done(null, release(head));
    },
    flush(done) {
      if (head === null) done();
      else done(null, release(head));
    },
  });
  // Whoever reads it may come after its error.
  return pipeline(stream, beginning, () => undefined).on('error', () => undefined);
}
