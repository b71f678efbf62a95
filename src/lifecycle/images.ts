import { ConflictError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { CATALOGUE } from '../images/catalogue.js';
import type { Image } from '../images/image.js';
import { pullImage as pull, type PullOptions } from '../images/pull.js';
import { listImages as list, removeImage as remove, findImage, pulledImage } from '../images/store.js';
import { loadClusters } from '../state/clusters.js';
import { loadServer, removeServer } from '../state/servers.js';
import { serverTitle } from '../cluster/server.js';
import { requireRoot, underMachineLock, type Context } from './context.js';
import { removePristines } from './pristine.js';

export { ImageNotPulledError } from '../images/store.js';
export type { Image };

/** A pulled image, what its server is once a cluster asked it, and the clusters that use it. */
export interface ListedImage extends Image {
  readonly server: string | null;
  readonly usedBy: readonly string[];
}

/**
 * Gets an image; one that is there already is returned at once, unless `force` asks for a new one.
 * @throws UsageError, NotFoundError for a name that can't be pulled; ConflictError when the old one is in use;
 *   MachineError when the machine or the mirror lacks something. Nothing is left of a pull that failed.
 */
export async function pullImage(
  ref: string,
  { machine, observer, signal }: Context,
  options: Pick<PullOptions, 'mirror' | 'allowExpired' | 'force'> = {},
): Promise<Image> {
  requireRoot(machine, `image pull ${ref}`);
  if (options.force === true) assertUnused(ref, await usersOf(machine, ref));
  const title = `pull ${ref}`;
  observer.phaseStarted?.(title);
  const onProgress = observer.detail === undefined ? {} : { onProgress: observer.detail };
  const former = pulledImage(machine, ref)?.build;
  const image = await pull(machine, ref, { ...options, ...onProgress, signal });
  if (former !== undefined && former !== image.build) await forgetBuild(machine, former);
  observer.phaseDone?.(title);
  return image;
}

/** All pulled images, by name. Needs no root. */
export async function listImages(machine: Machine): Promise<readonly ListedImage[]> {
  const images = await list(machine);
  return Promise.all(
    images.map(async (image) => {
      const server = loadServer(machine, image.build);
      return {
        ...image,
        server: server === null ? null : serverTitle(server),
        usedBy: await usersOf(machine, image.ref),
      };
    }),
  );
}

/**
 * Removes a pulled image, and the pristine directories that were made with it.
 * @throws UsageError, NotFoundError for a name that is no pulled image's; ConflictError when clusters use it.
 */
export async function removeImage(machine: Machine, ref: string): Promise<void> {
  requireRoot(machine, `image remove ${ref}`);
  await underMachineLock(machine, async () => {
    assertUnused(ref, await usersOf(machine, ref));
    const { build } = await findImage(machine, ref);
    await remove(machine, ref);
    await forgetBuild(machine, build);
  });
}

/** Pristine directories, and what the server said, go with the build of the image that they are of. */
async function forgetBuild(machine: Machine, build: string): Promise<void> {
  await removePristines(machine, build);
  await removeServer(machine, build);
}

async function usersOf(machine: Machine, ref: string): Promise<readonly string[]> {
  const clusters = await loadClusters(machine);
  return clusters.filter(({ nodes }) => nodes.some(({ image }) => image === ref)).map(({ name }) => name);
}

function assertUnused(ref: string, users: readonly string[]): void {
  if (users.length === 0) return;
  throw new ConflictError(`The image ${ref} is in use by ${users.join(', ')}.`, {
    suggestions: users.map((name) => `dbns destroy ${name}`),
  });
}

/** The images that can be pulled. */
export function knownImages(): readonly string[] {
  return CATALOGUE.map(({ ref }) => ref);
}
