import type { Context } from '../context.js';
import { ImageNotPulledError, pullImage, type ImagePullOptions } from './images.js';

/**
 * Does what takes images; one that is not here is pulled, if it may, and it is tried again.
 * @param mayPull is asked for each image that is missing
 */
export async function withImages<T>(
  context: Context,
  mayPull: (ref: string) => boolean | Promise<boolean>,
  options: ImagePullOptions,
  act: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof ImageNotPulledError) || !(await mayPull(error.ref))) throw error;
      await pullImage(error.ref, context, options);
    }
  }
}
