import { randomBytes } from 'node:crypto';
import type { Node } from '../../cluster/cluster.js';

/**
 * Galera's `gvwstate.dat`, the view that a node saves for `pc.recovery`: when all its members are back, the primary
 * component forms by itself, with no bootstrap node. A new cluster is given one that never was. No line but these: PXC
 * ends at one that it does not know, a comment included.
 * @param segments of the members, in their order; all in the first when absent
 * Source: galera.docs "Recovering the primary component", gcomm/src/view.cpp.
 */
export function recordedView(members: readonly string[], index: number, segments: readonly number[] = []): string {
  const [first = ''] = members;
  return [
    `my_uuid: ${members[index] ?? ''}`,
    '#vwbeg',
    `view_id: 3 ${first} 1`,
    'bootstrap: 0',
    ...members.map((uuid, position) => `member: ${uuid} ${segments[position] ?? 0}`),
    '#vwend',
    '',
  ].join('\n');
}

/** Where a node keeps its view. */
export function viewFile({ directory }: Pick<Node, 'directory'>): string {
  return `${directory}/data/gvwstate.dat`;
}

/** Version 1 UUIDs for `count` nodes, in ascending order as Galera sorts a view: of one moment, with random nodes. */
export function viewMembers(count: number): readonly string[] {
  const ticks = BigInt(Date.now()) * 10_000n + 0x01b21dd213814000n;
  const hex = ticks.toString(16).padStart(16, '0');
  const clock = (0x8000 | (randomBytes(2).readUInt16BE() & 0x3fff)).toString(16);
  const node = randomBytes(5).toString('hex');
  return Array.from({ length: count }, (_, index) => {
    const low = (Number.parseInt(hex.slice(8), 16) + index) % 2 ** 32;
    return `${low.toString(16).padStart(8, '0')}-${hex.slice(4, 8)}-1${hex.slice(1, 4)}-${clock}-${node}${(index + 1).toString(16).padStart(2, '0')}`;
  }).sort();
}
