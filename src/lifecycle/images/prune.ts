import type { Machine } from '../../host/machine.js';
import { findImage, listImages, removeImage } from '../../images/store.js';
import { removeUnfinishedTrees } from '../../images/unfinished.js';
import { loadClusters, nullWhenGone } from '../../state/clusters.js';
import { removeServer, savedBuilds } from '../../state/servers.js';
import { requireRoot, underMachineLock } from '../context.js';
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
  const used = await usedImages(machine);
  const images = (await listImages(machine)).filter(({ ref }) => !used.has(ref));
  const kept = new Set(used.values());
  const pristines = (await pristinesOf(machine)).filter(({ imageBuild }) => !kept.has(imageBuild));
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
    const kept = new Set((await usedImages(machine)).values());
    for (const build of await savedBuilds(machine)) if (!kept.has(build)) await removeServer(machine, build);
    await removeUnfinishedTrees(machine);
    return prunable;
  });
}

/** The images of all clusters' nodes: name → build. One that is gone is nobody's any more. */
async function usedImages(machine: Machine): Promise<ReadonlyMap<string, string>> {
  const clusters = await loadClusters(machine);
  const refs = [...new Set(clusters.flatMap(({ nodes }) => nodes.map(({ image }) => image)))];
  const images = await Promise.all(refs.map((ref) => findImage(machine, ref).catch(nullWhenGone)));
  return new Map(images.flatMap((image) => (image === null ? [] : [[image.ref, image.build] as const])));
}
