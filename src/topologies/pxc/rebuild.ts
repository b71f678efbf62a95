import type { Rebuild } from '../rebuild.js';

/** All nodes are alike, and each has what any other could give. */
export const rebuild: Rebuild = {
  assertMay: () => undefined,
  accept: 'Galera knows of no transaction that one node alone has: rebuild it without --accept.',
};
