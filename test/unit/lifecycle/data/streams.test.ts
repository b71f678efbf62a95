import { PassThrough, Readable, pipeline } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { adapted } from '../../../../src/lifecycle/data/adapt.js';
import { packingFor, unpacked } from '../../../../src/lifecycle/data/packing.js';
import { sourcesOf } from '../../../../src/lifecycle/data/source.js';
import { fakeMachine } from '../../../fakes/machine.js';

const { signal } = new AbortController();
const machine = fakeMachine();
const TEXT = Buffer.from('SELECT 1;\n'.repeat(10_000));

/** In pieces of a size, as pipes give them. */
function inPieces(bytes: Buffer, size: number): Readable {
  const count = Math.ceil(bytes.length / size);
  const pieces = Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
  return Readable.from(pieces, { objectMode: false });
}

describe('a stream', () => {
  test.each([1, 3, 65_536])('is unpacked by its first bytes, in pieces of %i', async (size) => {
    const short = TEXT.subarray(0, 1000);
    const packed = inPieces(gzipSync(short), size);
    expect((await buffer(await unpacked(machine, packed, signal))).equals(short)).toBe(true);
    expect((await buffer(await unpacked(machine, inPieces(short, size), signal))).equals(short)).toBe(true);
  });

  test.each(['', 'x', 'xyz', 'wxyz'])('that is short and slow is whole: %j', async (text) => {
    const slow = async function* () {
      for (const letter of text) yield await new Promise<string>((resolve) => setTimeout(resolve, 1, letter));
    };
    const stream = pipeline(slow, new PassThrough(), () => undefined);
    expect(String(await buffer(await unpacked(machine, stream, signal)))).toBe(text);
  });

  test('that is empty is empty', async () => {
    expect(await buffer(await unpacked(machine, Readable.from([]), signal))).toHaveLength(0);
  });

  test('that breaks off is an error, not an end', async () => {
    const cut = gzipSync(TEXT).subarray(0, 50);
    await expect(buffer(await unpacked(machine, inPieces(cut, 10), signal))).rejects.toThrow('unexpected end of file');
  });

  test('packed by zstd needs the program', async () => {
    const packed = Readable.from([Buffer.from([0x28, 0xb5, 0x2f, 0xfd])]);
    await expect(unpacked(machine, packed, signal)).rejects.toThrow("dbns needs 'zstd'");
  });

  test('is changed at its beginning alone, and no byte is lost', async () => {
    const bytes = Buffer.concat([Buffer.from('a'), Buffer.from([0, 255, 0xc3]), Buffer.alloc(200_000, 'a')]);
    const changed = await buffer(adapted(inPieces(bytes, 1000), (head) => head.replace('a', 'bb')));
    expect(changed.subarray(0, 5)).toEqual(Buffer.from([98, 98, 0, 255, 0xc3]));
    expect(changed.subarray(5).equals(bytes.subarray(4))).toBe(true);
  });

  test('is packed as a name says', () => {
    expect(['a.sql', 'a.sql.gz', 'a.zst', 'gz'].map(packingFor)).toEqual(['plain', 'gzip', 'zstd', 'plain']);
  });
});

describe('what is to be loaded', () => {
  const there = fakeMachine({ files: { '/a.sql': 'x', '/b.sql.zst': 'x' }, directories: ['/dump'] });

  test('is looked for before anything is touched', () => {
    expect(() => sourcesOf(there, ['/a.sql', '/c.sql'])).toThrow('There is no file /c.sql.');
    expect(() => sourcesOf(there, ['/b.sql.zst'])).toThrow("dbns needs 'zstd'");
    expect(() => sourcesOf(there, ['-', '-'], process.stdin)).toThrow('There is one stdin');
    expect(there.changes).toEqual([]);
  });

  test('has a size where that is known, and a directory is one', () => {
    const [file, directory] = sourcesOf(there, ['/a.sql', '/dump']);
    expect(file).toMatchObject({ name: '/a.sql', size: 1, directory: null });
    expect(directory).toMatchObject({ name: '/dump', size: null, directory: '/dump' });
  });
});
