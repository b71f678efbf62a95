import { describe, expect, test } from 'vitest';
import { recordedView, viewMembers } from '../../../../src/topologies/pxc/recorded-view.js';

describe('recordedView', () => {
  test("is a gvwstate.dat as Galera writes it: the same view for all, each node's own uuid", () => {
    expect(recordedView(['aaa', 'bbb', 'ccc'], 1)).toBe(
      `my_uuid: bbb
#vwbeg
view_id: 3 aaa 1
bootstrap: 0
member: aaa 0
member: bbb 0
member: ccc 0
#vwend
`,
    );
  });
});

test('a member may be of another segment', () => {
  expect(recordedView(['aaa', 'bbb'], 0, [0, 1])).toContain('member: aaa 0\nmember: bbb 1\n');
});

describe('viewMembers', () => {
  const members = viewMembers(64);

  test('are UUIDs of version 1', () => {
    for (const uuid of members)
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('are distinct and in ascending order', () => {
    expect(members).toHaveLength(64);
    expect(new Set(members).size).toBe(64);
    expect([...members].sort()).toEqual(members);
  });

  test('are of the moment', () => {
    const [low = '', mid = '', high = ''] = (members[0] ?? '').split('-');
    const ticks = BigInt(`0x${high.slice(1)}${mid}${low}`);
    const age = Date.now() - Number((ticks - 0x01b21dd213814000n) / 10_000n);
    expect(Math.abs(age)).toBeLessThan(60_000);
  });

  test('are others in every cluster', () => {
    expect(viewMembers(1)).not.toEqual(viewMembers(1));
  });
});
