import path from 'node:path';
import type { Readable } from 'node:stream';
import { UsageError } from '../../errors/errors.js';
import { lacks } from '../../host/lacks.js';
import type { Machine } from '../../host/machine.js';

/** What is loaded. */
export interface Source {
  /** As it was named. */
  readonly name: string;
  /** Bytes; null where nobody knows. */
  readonly size: number | null;
  /** One that its loader reads itself, absolute; null for a stream. */
  readonly directory: string | null;
  /** Opens the stream, once. */
  readonly open: () => Readable;
}

/** The name of whatever comes in on stdin. */
const STDIN = '-';

/**
 * What is there of these names, without opening it.
 * @throws UsageError for what is not there, or can't be read; MachineError for what it takes a program to read.
 */
export function sourcesOf(machine: Machine, names: readonly string[], stdin?: Readable): readonly Source[] {
  if (names.filter((name) => name === STDIN).length > 1) throw new UsageError('There is one stdin: name - once.');
  return names.map((name) => {
    if (name !== STDIN || stdin === undefined) return fileNamed(machine, name);
    return { name: 'stdin', size: null, directory: null, open: () => stdin };
  });
}

function fileNamed(machine: Machine, name: string): Source {
  const { files } = machine;
  const there = files.stat(name);
  if (there === null) throw new UsageError(`There is no file ${name}.`);
  if (!files.isReadable(name)) throw new UsageError(`The file ${name} can't be read.`);
  if (name.endsWith('.zst') && machine.which('zstd') === null) throw lacks('zstd');
  const isDirectory = files.exists(`${name}/.`);
  return {
    name,
    size: isDirectory || there.size === 0 ? null : there.size,
    directory: isDirectory ? path.resolve(name) : null,
    open: () => files.stream(name),
  };
}
