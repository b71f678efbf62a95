import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { MachineError } from '../errors/errors.js';
import { lacks } from '../host/lacks.js';
import type { Machine } from '../host/machine.js';
import { aptOptions } from './apt-options.js';
import { aptSources } from './apt-sources.js';
import type { CatalogueEntry } from './catalogue.js';
import type { ImageRecord } from './image-record.js';
import type { Image } from './image.js';
import { bootstrapArgv } from './mmdebstrap.js';
import { lockForPulling } from './pull-lock.js';
import { pullFailure } from './pull-failure.js';
import { catalogueEntry, hiddenBeside, imageDirectory, pulledImage } from './store.js';
import { completeTree, prepareTree } from './tree.js';
import { removeUnfinished } from './unfinished.js';

export interface PullOptions {
  /** URI of an archive of Debian; without it the one that the machine's apt sources name. */
  readonly mirror?: string;
  /** Take an archive whose Release file has expired. */
  readonly allowExpired?: boolean;
  /** Make the image anew even though it is there. */
  readonly force?: boolean;
  /** Called with a line for people whenever something else is being done. */
  readonly onProgress?: (line: string) => void;
  /** Aborting it ends the pull; nothing is left, and its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** Bytes that a pull takes while it goes on; the image then has a good half of it. */
const NEEDED = 800_000_000;

/**
 * Gets an image; one that is there already is returned at once. Of two pulls of one image the second waits for the
 * first and finds what it made.
 * @throws UsageError, NotFoundError for a name that can't be pulled; MachineError when the machine or the mirror lacks
 *   something. Nothing is left of a pull that failed.
 */
export async function pullImage(machine: Machine, ref: string, options: PullOptions = {}): Promise<Image> {
  const directory = imageDirectory(machine, ref);
  const entry = catalogueEntry(ref);
  const present = () => (options.force === true ? null : pulledImage(machine, ref));
  const found = present();
  if (found !== null) return found;
  requirePrograms(machine);
  const family = path.dirname(directory);
  await machine.files.mkdirAll(family);
  const lock = await lockForPulling(machine, family, options);
  try {
    await removeUnfinished(machine, family);
    return present() ?? (await build(machine, entry, directory, options));
  } finally {
    await lock.release();
  }
}

function requirePrograms(machine: Machine): void {
  for (const program of ['mmdebstrap', 'bwrap']) {
    if (machine.which(program) === null) throw lacks(program);
  }
}

async function build(machine: Machine, entry: CatalogueEntry, directory: string, options: PullOptions): Promise<Image> {
  const partial = hiddenBeside(directory, 'partial');
  try {
    await requireSpace(machine, entry.ref, path.dirname(directory));
    await fill(machine, entry, partial, options);
    await describe(machine, entry, partial);
    options.signal?.throwIfAborted();
    await putInPlace(machine, partial, directory);
  } catch (error) {
    await machine.files.remove(partial);
    throw error;
  }
  return pulledImage(machine, entry.ref) ?? unreadable(directory);
}

function unreadable(directory: string): never {
  throw new MachineError(`The image was pulled, but ${directory} is gone again.`);
}

async function requireSpace(machine: Machine, ref: string, place: string): Promise<void> {
  const free = await machine.files.free(place);
  if (free >= NEEDED) return;
  const megabytes = (bytes: number) => `${Math.floor(bytes / 1_000_000)} MB`;
  throw new MachineError(
    `Pulling ${ref} takes ${megabytes(NEEDED)}; on the disk of ${place} ${megabytes(free)} are free.`,
    {
      suggestions: [`df -h ${place}`, 'dbns image list'],
    },
  );
}

async function fill(
  machine: Machine,
  { ref, from }: CatalogueEntry,
  partial: string,
  options: PullOptions,
): Promise<void> {
  const { signal, onProgress, mirror, allowExpired = false } = options;
  const sources = await aptSources(machine, from.suite, mirror);
  await prepareTree(machine, `${partial}/root`);
  await machine.files.write(`${partial}/apt.conf`, await aptOptions(machine, { allowExpired }));
  signal?.throwIfAborted();
  onProgress?.(`making ${ref} from the packages of Debian ${from.suite}`);
  const { stdout } = await machine.run(['realpath', partial]);
  const { exitCode, stderr } = await machine.run(bootstrapArgv({ from, sources, directory: stdout.trim() }), {
    allowFailure: true,
    onLine: (line) => {
      if (/^I: (?:running|downloading|extracting|cleaning)/.test(line)) onProgress?.(line.slice(3).replace(/\.*$/, ''));
    },
    ...(signal === undefined ? {} : { signal }),
  });
  if (exitCode !== 0) throw pullFailure(stderr, { ref, suite: from.suite, mirror: mirror !== undefined });
  onProgress?.('completing the tree');
  await completeTree(machine, `${partial}/root`);
  await machine.files.remove(`${partial}/apt.conf`);
}

async function describe(machine: Machine, { ref, from }: CatalogueEntry, partial: string): Promise<void> {
  const record: ImageRecord = {
    format: 1,
    ref,
    build: randomBytes(5).toString('hex'),
    from: `packages of Debian ${from.suite}`,
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
