// What an ordinary run draws of the files, by its seed, so that it ends within half an hour on two cores: of files that
// look at one thing from several sides, some. All others it has every time, and a thorough run has all.
import { createHash } from 'node:crypto';

/** Names of files, and how many of them are drawn. */
const KINDS = [
  { draw: 3, of: ['fault', 'fault-add', 'fault-ends', 'fault-slow', 'fault-random'] },
  { draw: 3, of: ['interrupt', 'interrupt-life', 'interrupt-growth', 'interrupt-doors', 'random-kill'] },
  { draw: 2, of: ['add-pxc', 'add-group', 'add-replication'] },
  { draw: 2, of: ['start-pxc', 'start-group', 'start-replication'] },
  { draw: 3, of: ['shapes', 'lan', 'open-vswitch', 'dhcp', 'matrix', 'network-view'] },
  { draw: 2, of: ['image-oci', 'image-pull', 'image-broken'] },
  { draw: 3, of: ['replication-words', 'replication-filter', 'replication-status', 'routes', 'split-brain'] },
  { draw: 4, of: ['load', 'reset', 'fixtures', 'attach', 'link', 'expose'] },
  { draw: 3, of: ['damage', 'reboot', 'doctor', 'concurrency', 'errors'] },
  { draw: 3, of: ['options', 'connect', 'caller', 'closed', 'restart'] },
];

/**
 * Those that a run with this seed leaves to others.
 * @param {string} seed
 * @returns {ReadonlySet<string>} names, as `fault.test.ts`
 */
export function notDrawn(seed) {
  const lot = (name) => createHash('sha256').update(`${seed} ${name}`).digest('hex');
  const left = KINDS.flatMap(({ draw, of }) => of.toSorted((a, b) => (lot(a) < lot(b) ? -1 : 1)).slice(draw));
  return new Set(left.map((name) => `${name}.test.ts`));
}
