import { describe, expect, test } from 'vitest';
import * as v from 'valibot';
import { UsageError } from '../../../src/errors/errors.js';
import { readWords } from '../../../src/topologies/members.js';

const KNOWN = v.object({ hidden: v.optional(v.boolean(), false), priority: v.optional(v.number()) });

describe('the words of an add', () => {
  test('are read, with what is said of those that are absent', () => {
    expect(readWords({ priority: 2 }, KNOWN, 'a set')).toEqual({ hidden: false, priority: 2 });
    expect(readWords({ source: undefined }, KNOWN, 'a set')).toEqual({ hidden: false });
  });

  test('are refused by name where they are none of its own', () => {
    const read = () => readWords({ hidden: true, source: 'node1' }, KNOWN, 'a set');
    expect(read).toThrow(UsageError);
    expect(read).toThrow('--source: a set takes no such word.');
    expect(() => readWords({ priority: Number.NaN }, KNOWN, 'a set')).toThrow(/^--priority: .* received NaN\.$/);
    expect(() => readWords({ sst: 'rsync' }, v.object({}), 'a group')).toThrow('--sst: a group takes no such word.');
  });
});
