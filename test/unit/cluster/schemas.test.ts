import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { byName, ofKind } from '../../../src/cluster/schemas.js';

const NUMBERS = v.object({ of: byName(v.number()) });

describe('an object by names', () => {
  test('is read with all its names, those too that JavaScript has a use for', () => {
    const text = '{"of": {"node1": 1, "constructor": 2, "prototype": 3, "__proto__": 4}}';
    expect(JSON.stringify(v.parse(NUMBERS, JSON.parse(text)))).toBe(JSON.stringify(JSON.parse(text)));
  });

  test.each([
    ['a list', [], 'of', 'Expected Object'],
    ['null', null, 'of', 'Expected Object'],
    ['of something else', { node1: 1, node2: 'x' }, 'of.node2', 'Expected number but received "x"'],
  ])('is none when it is %s, and says where', (_, of, path, message) => {
    const [issue] = v.safeParse(NUMBERS, { of }).issues ?? [];
    expect(issue && v.getDotPath(issue)).toBe(path);
    expect(issue?.message).toContain(message);
  });

  test('holds what has names itself', () => {
    const tags = byName(byName(v.string()));
    expect(v.parse(tags, { node1: { dc: 'east' } })).toEqual({ node1: { dc: 'east' } });
    const [issue] = v.safeParse(tags, { node1: { dc: 1 } }).issues ?? [];
    expect(issue && v.getDotPath(issue)).toBe('node1.dc');
  });
});

test('rows of a kind are taken with its defaults, others are left out', () => {
  const link = v.object({ name: v.string(), group: v.optional(v.string(), 'default') });
  expect(ofKind(link, [{ name: 'lo' }, {}, null, { name: 1 }])).toEqual([{ name: 'lo', group: 'default' }]);
});
