import { once } from 'node:events';
import { PassThrough, Readable, pipeline, type Writable } from 'node:stream';
import { pipeline as piped } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { MachineError, UsageError } from '../../errors/errors.js';
import { lacks } from '../../host/lacks.js';
import type { Machine } from '../../host/machine.js';

/** How a stream is packed. Of zstd Node 20 knows nothing: the machine's program does it. */
export type Packing = 'plain' | 'gzip' | 'zstd';

const MAGIC: readonly (readonly [Packing, Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
];
const LONGEST_MAGIC = 4;

/** As a file's name says it is to be packed. */
export function packingFor(name: string): Packing {
  return name.endsWith('.gz') ? 'gzip' : name.endsWith('.zst') ? 'zstd' : 'plain';
}

/** The stream unpacked, however it is packed: its first bytes say that, whatever its name is. */
export async function unpacked(machine: Machine, stream: Readable, signal: AbortSignal): Promise<Readable> {
  const { head, whole } = await beginning(stream);
  const [packing = 'plain'] = MAGIC.find(([, magic]) => head.subarray(0, magic.length).equals(magic)) ?? [];
  switch (packing) {
    case 'plain':
      return whole;
    case 'gzip':
      return pipeline(whole, createGunzip(), () => undefined);
    case 'zstd':
      return byZstd(machine, whole, signal);
  }
}

/** The first bytes of a stream, and all of it. */
async function beginning(stream: Readable): Promise<{ readonly head: Buffer; readonly whole: Readable }> {
  let head = Buffer.alloc(0);
  while (head.length < LONGEST_MAGIC) {
    const chunk = stream.read() as Buffer | null;
    if (chunk !== null) head = Buffer.concat([head, chunk]);
    else if (stream.readableEnded) return { head, whole: Readable.from(head.length === 0 ? [] : [head]) };
    else await Promise.race([once(stream, 'readable'), once(stream, 'end')]);
  }
  stream.unshift(head);
  return { head, whole: stream };
}

function byZstd(machine: Machine, packed: Readable, signal: AbortSignal): Readable {
  if (machine.which('zstd') === null) throw lacks('zstd');
  const output = new PassThrough();
  void machine
    .stream(['zstd', '--decompress', '--stdout'], { input: packed, output, signal })
    .then(({ exitCode, stderr }) => {
      if (exitCode !== 0) throw new UsageError(`zstd says: ${stderr.trim()}`);
      output.end();
    })
    .catch((error: unknown) => output.destroy(error as Error));
  return output;
}

/**
 * Lets `write` write to a stream by way of what packs it.
 * @throws MachineError where the program that packs is not there, or fails; and as `write`.
 */
export async function packing(
  machine: Machine,
  how: Packing,
  to: Writable,
  write: (to: Writable) => Promise<void>,
): Promise<void> {
  if (how === 'plain') {
    await write(to);
    return;
  }
  const plain = how === 'gzip' ? createGzip() : new PassThrough();
  const packed =
    how === 'gzip'
      ? piped(plain, to, { end: false })
      : machine.stream(['zstd', '--quiet', '--stdout'], { input: plain, output: to }).then(assertPacked);
  packed.catch((error: unknown) => plain.destroy(error as Error));
  try {
    await write(plain);
  } catch (error) {
    plain.destroy(error as Error);
    await packed.catch(() => undefined);
    throw error;
  }
  plain.end();
  await packed;
}

function assertPacked({ exitCode, stderr }: { readonly exitCode: number; readonly stderr: string }): void {
  if (exitCode !== 0) throw new MachineError(`zstd failed: ${stderr.trim()}`);
}
