import { serverTitle } from '../../cluster/server.js';
import { ConflictError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { CATALOGUE } from '../../images/catalogue.js';
import type { Image } from '../../images/image.js';
import type { PullOptions } from '../../images/pull-options.js';
import { pullImage as pull } from '../../images/pull.js';
import { imageDirectory, listImages as list, removeImage as remove, wholeImage } from '../../images/store.js';
import { wantedImage } from '../../images/wanted.js';
import { removeServer } from '../../state/servers.js';
import { requireRoot, underMachineLock, type Context } from '../context.js';
import { askAnyServer, knownServer } from '../image-server.js';
import { imageUsers } from '../image-users.js';
import { removePristines } from '../pristine.js';

export { ImageNotPulledError } from '../../images/store.js';

/** A pulled image, and what its server says of itself: null when it has none that dbns runs, or was not asked yet. */
export interface PulledImage extends Image {
  readonly server: string | null;
}

/** The same, with the clusters that use it. */
export interface ListedImage extends PulledImage {
  readonly usedBy: readonly string[];
}

export interface ImagePullOptions extends Omit<PullOptions, 'onProgress' | 'signal'> {
  /** NAME:VERSION of an image that is pulled by a reference; made of the reference when absent. */
  readonly as?: string;
}

/**
 * Gets an image by its name in the catalogue, or by the reference of an OCI image; one that is there already is
 * returned at once, unless `force` asks for a new one.
 * @throws UsageError, NotFoundError for what can't be pulled; ConflictError when the old one is in use, or another one
 *   has the name; MachineError when the machine, the mirror or the registry lacks something. Nothing is left of a pull
 *   that failed.
 */
export async function pullImage(
  words: string,
  { machine, observer, signal }: Context,
  { as, ...options }: ImagePullOptions = {},
): Promise<PulledImage> {
  const wanted = wantedImage(words, as);
  requireRoot(machine, `image pull ${words}`);
  if (options.force === true) assertUnused(wanted.ref, await usersOf(machine, wanted.ref));
  const title = `pull ${wanted.ref}`;
  observer.phaseStarted?.(title);
  const onProgress = observer.detail === undefined ? {} : { onProgress: observer.detail };
  const former = wholeImage(machine, wanted.ref)?.build;
  const image = await pull(machine, wanted, { ...options, ...onProgress, signal });
  if (former !== undefined && former !== image.build) await forgetBuild(machine, former);
  const server = await askAnyServer(machine, image);
  observer.phaseDone?.(title);
  return { ...image, server: server === null ? null : serverTitle(server) };
}

/** All pulled images, by name. Needs no root. */
export async function listImages(machine: Machine): Promise<readonly ListedImage[]> {
  const images = await list(machine);
  return Promise.all(
    images.map(async (image) => {
      return {
        ...image,
        server: knownServer(machine, image),
        usedBy: await usersOf(machine, image.ref),
      };
    }),
  );
}

/**
 * Removes a pulled image, also a damaged one, and the pristine directories that were made with it.
 * @throws UsageError, NotFoundError for a name that is no pulled image's; ConflictError when clusters use it.
 */
export async function removeImage(machine: Machine, ref: string): Promise<void> {
  imageDirectory(machine, ref);
  requireRoot(machine, `image remove ${ref}`);
  await underMachineLock(machine, async () => {
    assertUnused(ref, await usersOf(machine, ref));
    const build = wholeImage(machine, ref)?.build;
    await remove(machine, ref);
    if (build !== undefined) await forgetBuild(machine, build);
  });
}

/** Pristine directories, and what the server said, go with the build of the image that they are of. */
async function forgetBuild(machine: Machine, build: string): Promise<void> {
  await removePristines(machine, build);
  await removeServer(machine, build);
}

async function usersOf(machine: Machine, ref: string): Promise<readonly string[]> {
  return (await imageUsers(machine)).get(ref) ?? [];
}

function assertUnused(ref: string, users: readonly string[]): void {
  if (users.length === 0) return;
  throw new ConflictError(`The image ${ref} is in use by ${users.join(', ')}.`, {
    suggestions: users
      .map((name) => (name.startsWith('standby ') ? name.replace(' ', ' stop ') : `destroy ${name}`))
      .map((words) => `dbns ${words}`),
  });
}

/** The images that can be pulled. */
export function knownImages(): readonly string[] {
  return CATALOGUE.map(({ ref }) => ref);
}
