import { isBorrowed, type Host } from '../cluster/cluster.js';

/** In somebody else's namespace there may be an eth0. */
export const INSIDE_BORROWED = 'dbns0';

/** What the interface of a host is called in its namespace. */
export function insideOf(host: Host): string {
  return isBorrowed(host) ? INSIDE_BORROWED : 'eth0';
}
