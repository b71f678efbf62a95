import type { Context } from '../lifecycle/context.js';
import { ImageNotPulledError, pullImage } from '../lifecycle/images/images.js';
import { confirm } from './confirm.js';
import { allowExpiredByEnvironment } from './environment.js';

/** Does what takes images; one that is not here is pulled, after asking unless that was said, and it is tried again. */
export async function withImages<T>(context: Context, yes: boolean, act: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof ImageNotPulledError)) throw error;
      if (!yes && !(await confirm(`The image ${error.ref} is not here yet. Pull it now?`))) throw error;
      await pullImage(error.ref, context, { allowExpired: allowExpiredByEnvironment() });
    }
  }
}
