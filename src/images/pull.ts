import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { ConflictError, MachineError } from '../errors/errors.js';
import { lacks } from '../host/lacks.js';
import type { Machine } from '../host/machine.js';
import { sourceTitle, type ImageSource } from './catalogue.js';
import { DEBIAN_PROGRAMS, fillFromDebian } from './debian-tree.js';
import type { ImageRecord } from './image-record.js';
import type { Image } from './image.js';
import { isOciReference } from './oci-reference.js';
import { OCI_PROGRAMS, fillFromOci } from './oci-tree.js';
import { lockForPulling } from './pull-lock.js';
import type { Filling, PullOptions } from './pull-options.js';
import { catalogueEntry, hiddenBeside, imageDirectory, pulledImage, wholeImage } from './store.js';
import { removeUnfinished } from './unfinished.js';
import type { Wanted } from './wanted.js';

const PROGRAMS = { debian: DEBIAN_PROGRAMS, oci: OCI_PROGRAMS } as const;

/**
 * Gets an image; one that is there already is returned at once. Of two pulls of one image the second waits for the
 * first and finds what it made.
 * @throws UsageError, NotFoundError for what can't be pulled; ConflictError when another image has the name;
 *   MachineError when the machine, the mirror or the registry lacks something. Nothing is left of a pull that failed.
 */
export async function pullImage(machine: Machine, wanted: Wanted, options: PullOptions = {}): Promise<Image> {
  const directory = imageDirectory(machine, wanted.ref);
  const present = () => (options.force === true ? null : presentImage(machine, wanted));
  const found = present();
  if (found !== null) return found;
  const from = sourceOf(machine, wanted);
  requirePrograms(machine, from);
  const family = path.dirname(directory);
  await machine.files.mkdirAll(family);
  const lock = await lockForPulling(machine, family, options);
  try {
    await removeUnfinished(machine, family);
    return present() ?? (await build(machine, wanted.ref, from, options));
  } finally {
    await lock.release();
  }
}

/** @throws ConflictError when the image of that name is from elsewhere. */
function presentImage(machine: Machine, { ref, from }: Wanted): Image | null {
  const image = pulledImage(machine, ref);
  if (image === null || from === null || image.from === sourceTitle(from)) return image;
  throw new ConflictError(`There is an image ${ref} already, from ${image.from}; this one is from ${from.reference}.`, {
    suggestions: [
      `dbns image pull ${from.reference} --as NAME:VERSION`,
      `dbns image pull ${from.reference} --as ${ref} --force (replaces it)`,
    ],
  });
}

/** Where it must come from, else where the image that it replaces came from, else what the catalogue says. */
function sourceOf(machine: Machine, { ref, from }: Wanted): ImageSource {
  const former = wholeImage(machine, ref)?.from ?? '';
  return from ?? (isOciReference(former) ? { kind: 'oci', reference: former } : catalogueEntry(ref).from);
}

function requirePrograms(machine: Machine, { kind }: ImageSource): void {
  const missing = PROGRAMS[kind].find((program) => machine.which(program) === null);
  if (missing !== undefined) throw lacks(missing);
}

async function build(machine: Machine, ref: string, from: ImageSource, options: PullOptions): Promise<Image> {
  const directory = imageDirectory(machine, ref);
  const partial = hiddenBeside(directory, 'partial');
  try {
    await machine.files.mkdir(partial);
    const { stdout } = await machine.run(['realpath', partial]);
    const digest = await fill(machine, from, { ref, directory: stdout.trim(), options });
    await describe(machine, { ref, from: sourceTitle(from), digest }, partial);
    options.signal?.throwIfAborted();
    await putInPlace(machine, partial, directory);
  } catch (error) {
    await machine.files.remove(partial);
    throw error;
  }
  return pulledImage(machine, ref) ?? unreadable(directory);
}

function unreadable(directory: string): never {
  throw new MachineError(`The image was pulled, but ${directory} is gone again.`);
}

/** Makes `root`, and answers the image's digest, if it has one. */
async function fill(machine: Machine, from: ImageSource, filling: Filling): Promise<string | null> {
  if (from.kind === 'oci') return fillFromOci(machine, from, filling);
  await fillFromDebian(machine, from, filling);
  return null;
}

async function describe(
  machine: Machine,
  facts: Pick<ImageRecord, 'ref' | 'from' | 'digest'>,
  partial: string,
): Promise<void> {
  const record: ImageRecord = {
    format: 1,
    ...facts,
    build: randomBytes(5).toString('hex'),
    createdAt: new Date().toISOString(),
    sizeBytes: await machine.files.diskUsage(`${partial}/root`),
  };
  await machine.files.replace(`${partial}/image.json`, `${JSON.stringify(record, null, 2)}\n`);
}

/** On disk first: a machine that loses its power must not come back with an image of empty files. */
async function putInPlace(machine: Machine, partial: string, directory: string): Promise<void> {
  await machine.run(['sync', '--file-system', partial]);
  const former = hiddenBeside(directory, 'former');
  if (machine.files.exists(directory)) await machine.files.rename(directory, former);
  await machine.files.rename(partial, directory);
  await machine.files.remove(former);
}
