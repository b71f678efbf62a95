import { DbnsError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { findImage, listImages, removeImage } from '../../images/store.js';
import { removeUnfinishedTrees } from '../../images/unfinished.js';
import { removeServer, savedBuilds } from '../../state/servers.js';
import { requireRoot, underMachineLock } from '../context.js';
import { imageUsers } from '../image-users.js';
import { pristinesOf } from '../pristine.js';

/** What nobody uses. */
export interface Prunable {
  /** Names of pulled images. */
  readonly images: readonly string[];
  /** Pristine directories of these, and of images that are gone or that no cluster uses. */
  readonly pristineDirectories: readonly string[];
  readonly bytes: number;
}

/** What `pruneImages` would remove. */
export async function findPrunable(machine: Machine): Promise<Prunable> {
  requireRoot(machine, 'image prune');
  const { refs, builds } = await usedImages(machine);
  const images = (await listImages(machine)).filter(({ ref }) => !refs.has(ref));
  const pristines = (await pristinesOf(machine)).filter(({ imageBuild }) => !builds.has(imageBuild));
  const sizes = await Promise.all(pristines.map(({ directory }) => machine.files.diskUsage(directory)));
  return {
    images: images.map(({ ref }) => ref),
    pristineDirectories: pristines.map(({ directory }) => directory),
    bytes: [...images.map(({ sizeBytes }) => sizeBytes ?? 0), ...sizes].reduce((sum, size) => sum + size, 0),
  };
}

/** Removes what no cluster uses: images, pristine directories, and what killed pulls left. */
export async function pruneImages(machine: Machine): Promise<Prunable> {
  requireRoot(machine, 'image prune');
  return underMachineLock(machine, async () => {
    const prunable = await findPrunable(machine);
    for (const ref of prunable.images) await removeImage(machine, ref);
    for (const directory of prunable.pristineDirectories) await machine.files.remove(directory);
    const { builds } = await usedImages(machine);
    for (const build of await savedBuilds(machine)) if (!builds.has(build)) await removeServer(machine, build);
    await removeUnfinishedTrees(machine);
    return prunable;
  });
}

/** The images of all clusters' nodes, and their builds. One that is gone or damaged has none any more. */
async function usedImages(machine: Machine) {
  const refs = new Set((await imageUsers(machine)).keys());
  const images = await Promise.all([...refs].map((ref) => findImage(machine, ref).catch(nullWhenUnusable)));
  return { refs, builds: new Set(images.flatMap((image) => image?.build ?? [])) };
}

function nullWhenUnusable(error: unknown): null {
  if (error instanceof DbnsError) return null;
  throw error;
}
