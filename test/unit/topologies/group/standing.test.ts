import { describe, expect, test } from 'vitest';
import type { View } from '../../../../src/topologies/group/member.js';
import { mostAdvanced, standing } from '../../../../src/topologies/group/standing.js';

const view = (id: string, ids: readonly string[], changes: Partial<View> = {}): View => ({
  ...{ id, state: 'ONLINE', role: 'SECONDARY', members: ids.length, reached: ids.length, online: ids.length },
  ...{ ids, hosts: ids, peers: ids, readOnly: true, ...changes },
});
const offline = (id: string) => view(id, [id], { state: 'OFFLINE', role: '' });

describe('standing', () => {
  test('all members of a whole group, and the two that are left of three', () => {
    const whole = ['a', 'b', 'c'];
    expect(standing(new Map(whole.map((id) => [`node-${id}`, view(id, whole)])))).toEqual([
      'node-a',
      'node-b',
      'node-c',
    ]);
    expect(
      standing(
        new Map([
          ['node1', view('a', whole)],
          ['node2', view('b', whole)],
        ]),
      ),
    ).toEqual(['node1', 'node2']);
  });

  test('nobody, where a member has not noticed yet that the others were killed', () => {
    expect(standing(new Map([['node1', view('a', ['a', 'b', 'c'])]]))).toEqual([]);
    const two = [
      ['node1', view('a', ['a', 'b'])],
      ['node2', offline('b')],
    ] as const;
    expect(standing(new Map(two))).toEqual([]);
  });

  test('nobody, where half does not reach half', () => {
    const half = { peers: ['a', 'b'], reached: 2 };
    const ids = ['a', 'b', 'c', 'd'];
    expect(
      standing(
        new Map([
          ['node1', view('a', ids, half)],
          ['node2', view('b', ids, half)],
        ]),
      ),
    ).toEqual([]);
  });

  test('a member that recovers counts, and does not lead', () => {
    const ids = ['a', 'b'];
    const views = new Map([
      ['node1', view('a', ids)],
      ['node2', view('b', ids, { state: 'RECOVERING' })],
    ]);
    expect(standing(views)).toEqual(['node1']);
  });
});

describe('mostAdvanced', () => {
  const G = '64626e73-0000-4000-8000-0000a1b2c3d4';
  const of = (...sets: string[]) => mostAdvanced(new Map(sets.map((set, position) => [`node${position + 1}`, set])));

  test('the one that has all that the others have; of equals the first', () => {
    expect(of(`${G}:1-3`, `${G}:1-5`, `${G}:1-4`)).toBe('node2');
    expect(of(`${G}:1-5`, `${G}:1-5`)).toBe('node1');
    expect(of('', `${G}:1:1000001`, `${G}:1`)).toBe('node2');
    expect(of('', '')).toBe('node1');
  });

  test('two that have parted, and what each has alone', () => {
    expect(of(`${G}:1-3`, `${G}:1-5`, `${G}:1-3,other:1-2`)).toEqual([
      { name: 'node2', gtids: `${G}:4-5` },
      { name: 'node3', gtids: 'other:1-2' },
    ]);
  });
});
