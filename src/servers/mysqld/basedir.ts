import type { Image } from '../../images/image.js';

/** Where a mysqld is to look for all that is its own; null where it knows, as one out of packages does. */
export function basedirOf({ kind, extraBinds }: Image): string | null {
  return kind === 'directory' ? (extraBinds[0] ?? null) : null;
}
