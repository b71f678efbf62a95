import { ConflictError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import type { Image } from '../images/image.js';
import { pullImage as pull, type PullOptions } from '../images/pull.js';
import { listImages as list, removeImage as remove } from '../images/store.js';
import { requireRoot } from './context.js';

/** The names of the clusters that use an image. */
export type UsedBy = (ref: string) => readonly string[];

/** A pulled image, and who uses it. */
export interface ListedImage extends Image {
  readonly usedBy: readonly string[];
}

/**
 * Gets an image; one that is there already is returned at once, unless `force` asks for a new one.
 * @throws UsageError, NotFoundError for a name that can't be pulled; ConflictError when the old one is in use;
 *   MachineError when the machine or the mirror lacks something. Nothing is left of a pull that failed.
 */
export async function pullImage(
  machine: Machine,
  ref: string,
  options: PullOptions = {},
  usedBy: UsedBy = nobody,
): Promise<Image> {
  requireRoot(machine, `image pull ${ref}`);
  if (options.force === true) assertUnused(ref, usedBy);
  return pull(machine, ref, options);
}

/** All pulled images, by name. Needs no root. */
export async function listImages(machine: Machine, usedBy: UsedBy = nobody): Promise<readonly ListedImage[]> {
  return (await list(machine)).map((image) => ({ ...image, usedBy: usedBy(image.ref) }));
}

/**
 * Removes a pulled image.
 * @throws UsageError, NotFoundError for a name that is no pulled image's; ConflictError when clusters use it.
 */
export async function removeImage(machine: Machine, ref: string, usedBy: UsedBy = nobody): Promise<void> {
  requireRoot(machine, `image remove ${ref}`);
  assertUnused(ref, usedBy);
  await remove(machine, ref);
}

const nobody: UsedBy = () => [];

function assertUnused(ref: string, usedBy: UsedBy): void {
  const users = usedBy(ref);
  if (users.length === 0) return;
  throw new ConflictError(`The image ${ref} is in use by ${users.join(', ')}.`, {
    suggestions: users.map((name) => `dbns destroy ${name}`),
  });
}
