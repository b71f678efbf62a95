import { randomBytes } from 'node:crypto';
import { MachineError, NotFoundError, UsageError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { CATALOGUE, type CatalogueEntry } from './catalogue.js';
import { readRecord } from './image-record.js';
import type { Image } from './image.js';
import { directoryImage, hostImage } from './local-images.js';
import { parseReference } from './reference.js';

/** An image that could be pulled and was not. */
export class ImageNotPulledError extends MachineError {
  constructor(readonly ref: string) {
    super(`The image ${ref} is not on this machine yet.`, { suggestions: [`dbns image pull ${ref}`] });
  }
}

/** Where servers are in images, the packages' places first. */
const BINARIES = ['/usr/sbin', '/usr/bin', '/usr/libexec', '/usr/local/sbin', '/usr/local/bin'];

/**
 * The image of that name.
 * @throws UsageError when that is no name of an image; NotFoundError when there is no such image;
 *   ImageNotPulledError when `dbns image pull` would get it.
 */
export async function findImage(machine: Machine, ref: string): Promise<Image> {
  const reference = parseReference(ref);
  switch (reference.kind) {
    case 'host':
      return hostImage(machine);
    case 'directory':
      return await directoryImage(machine, reference.path);
    case 'pulled':
      return pulledImage(machine, ref) ?? notPulled(ref);
  }
}

/** The pulled image of that name, or null. */
export function pulledImage(machine: Machine, ref: string): Image | null {
  const directory = imageDirectory(machine, ref);
  const text = machine.files.read(`${directory}/image.json`);
  if (text === null) return null;
  const record = readRecord(text);
  if (record?.ref !== ref) {
    throw new MachineError(`The image ${ref} is damaged: ${directory}/image.json can't be read.`, {
      suggestions: [isInCatalogue(ref) ? `dbns image pull --force ${ref}` : `dbns image remove ${ref}`],
    });
  }
  return { ...record, kind: 'pulled', root: `${directory}/root`, extraBinds: [], binaryDirectories: BINARIES };
}

/** The same, and null too when it is damaged. */
export function wholeImage(machine: Machine, ref: string): Image | null {
  try {
    return pulledImage(machine, ref);
  } catch (error) {
    if (error instanceof MachineError) return null;
    throw error;
  }
}

function notPulled(ref: string): never {
  catalogueEntry(ref);
  throw new ImageNotPulledError(ref);
}

/** @throws NotFoundError naming the images that are known. */
export function catalogueEntry(ref: string): CatalogueEntry {
  const entry = CATALOGUE.find((candidate) => candidate.ref === ref);
  if (entry !== undefined) return entry;
  const known = CATALOGUE.map((candidate) => candidate.ref).join(', ');
  throw new NotFoundError(`There is no image ${ref}. Known are ${known}, and dir:/PATH and host.`, {
    suggestions: ['dbns image list', `From a registry: dbns image pull docker://REGISTRY/NAME:TAG --as ${ref}`],
  });
}

function isInCatalogue(ref: string): boolean {
  return CATALOGUE.some((candidate) => candidate.ref === ref);
}

/** All pulled images that are whole, by name. */
export async function listImages(machine: Machine): Promise<readonly Image[]> {
  const families = await directoriesIn(machine, imagesDirectory(machine));
  const refs = families.map(async (name) =>
    (await directoriesIn(machine, `${imagesDirectory(machine)}/${name}`)).map((version) => `${name}:${version}`),
  );
  return (await Promise.all(refs)).flat().flatMap((ref) => wholeImage(machine, ref) ?? []);
}

/**
 * Removes a pulled image; that nobody uses it is for the caller to know.
 * @throws UsageError when it is not dbns's to remove; NotFoundError when there is none.
 */
export async function removeImage(machine: Machine, ref: string): Promise<void> {
  const directory = imageDirectory(machine, ref);
  if (!machine.files.exists(directory)) {
    throw new NotFoundError(`The image ${ref} is not on this machine.`, { suggestions: ['dbns image list'] });
  }
  const doomed = hiddenBeside(directory, `removed-${randomBytes(4).toString('hex')}`);
  await machine.files.rename(directory, doomed);
  await machine.files.remove(doomed);
}

/**
 * Where a pulled image is, or will be.
 * @throws UsageError for a directory or the host, which are not dbns's own.
 */
export function imageDirectory(machine: Machine, ref: string): string {
  const reference = parseReference(ref);
  if (reference.kind !== 'pulled') {
    throw new UsageError(`${ref} is not an image of dbns's own: it is neither pulled nor removed.`);
  }
  return `${imagesDirectory(machine)}/${reference.name}/${reference.version}`;
}

/** Holds a directory for each name, and in it one for each version; the names of unfinished trees begin with a dot. */
export function imagesDirectory(machine: Machine): string {
  return `${machine.roots.state}/images`;
}

/** A name beside an image's directory that is no image's. */
export function hiddenBeside(directory: string, what: string): string {
  const cut = directory.lastIndexOf('/');
  return `${directory.slice(0, cut)}/.${directory.slice(cut + 1)}.${what}`;
}

async function directoriesIn(machine: Machine, directory: string): Promise<readonly string[]> {
  const entries = await machine.files.list(directory);
  return entries.filter(({ name, kind }) => kind === 'directory' && !name.startsWith('.')).map(({ name }) => name);
}
