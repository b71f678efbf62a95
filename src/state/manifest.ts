import * as v from 'valibot';
import { byName } from '../cluster/schemas.js';
import type { Machine } from '../host/machine.js';
import { readRecord, writeRecord, type Format } from './record.js';

/** The files of a pristine directory when it was made, by their paths: size in bytes, time of change in ms. */
const MANIFEST: Format<{ readonly files: Readonly<Record<string, readonly [number, number]>> }> = {
  version: 1,
  schema: v.object({ files: byName(v.strictTuple([v.number(), v.number()])) }),
};
const NAME = 'manifest.json';

/** Writes down what a directory holds, and returns when all of it is on disk: nobody has to trust it later. */
export async function seal(machine: Machine, directory: string): Promise<void> {
  await writeRecord(machine, `${directory}/${NAME}`, MANIFEST, { files: filesIn(machine, directory) });
  await machine.run(['sync', '--file-system', directory]);
}

/** Why a directory is not what was sealed; null when it is. A few ms for some hundred files. */
export function damageIn(machine: Machine, directory: string): string | null {
  const manifest = readRecord(machine, `${directory}/${NAME}`, MANIFEST);
  if (manifest.kind === 'damaged') return manifest.why;
  if (manifest.kind === 'absent') return `${directory} has no ${NAME}: it is of an earlier dbns, or was emptied.`;
  const expected = manifest.content.files;
  const found = filesIn(machine, directory);
  const missing = Object.keys(expected).find((file) => found[file] === undefined);
  if (missing !== undefined) return `${directory}/${missing} is missing.`;
  const changed = Object.keys(found).find((file) => String(found[file]) !== String(expected[file]));
  return changed === undefined ? null : `${directory}/${changed} was changed.`;
}

function filesIn(machine: Machine, directory: string): Readonly<Record<string, readonly [number, number]>> {
  const files = machine.files.tree(directory).filter(({ path }) => path !== NAME);
  return Object.fromEntries(files.map(({ path, size, mtimeMs }) => [path, [size, mtimeMs] as const]));
}
