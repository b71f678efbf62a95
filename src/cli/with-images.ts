import type { Context } from '../lifecycle/context.js';
import { withImages as pullingImages } from '../lifecycle/images/with-images.js';
import { confirm } from './confirm.js';
import { allowExpiredByEnvironment } from './environment.js';

/** Does what takes images; one that is not here is pulled, after asking unless that was said. */
export function withImages<T>(context: Context, yes: boolean, act: () => Promise<T>): Promise<T> {
  const mayPull = (ref: string) => yes || confirm(`The image ${ref} is not here yet. Pull it now?`);
  return pullingImages(context, mayPull, { allowExpired: allowExpiredByEnvironment() }, act);
}
