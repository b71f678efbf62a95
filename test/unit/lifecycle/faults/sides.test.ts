import { describe, expect, test } from 'vitest';
import { flowsOf, type Split } from '../../../../src/lifecycle/faults/sides.js';

const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index + 1}`);
const flows = (split: Partial<Split>, count = 5, primaries: readonly string[] = []) =>
  flowsOf({ sides: [], ...split }, { nodes: names(count), primaries });
/** `n1 n2 > n3`, one way of each pair of sides. */
const words = (split: Partial<Split>, count = 5, primaries: readonly string[] = []) =>
  flows(split, count, primaries).map(({ from, to }) =>
    [from, to].map((side) => (side === 'rest' ? 'rest' : side.join(' '))).join(' > '),
  );

test('sides, and the rest', () => {
  expect(words({ sides: [['n1'], ['n2', 'n3']] })).toEqual([
    ...['n1 > n2 n3', 'n1 > rest', 'n2 n3 > n1', 'n2 n3 > rest', 'rest > n1', 'rest > n2 n3'],
  ]);
  expect(words({ isolate: 'n4' })).toEqual(['n4 > rest', 'rest > n4']);
  expect(words({ isolate: 'primary' }, 5, ['n2'])).toEqual(['n2 > rest', 'rest > n2']);
  expect(words({ from: ['n1'], to: ['n2', 'n3'] })).toEqual(['n1 > n2 n3']);
});

test.each([
  [3, 1, 2],
  [4, 1, 3],
  [5, 2, 3],
])('of %i nodes a minority is %i, a majority %i, at random and in order', (count, minority, majority) => {
  for (const [word, size] of [
    ['minority', minority],
    ['majority', majority],
    ['random', 1],
  ] as const) {
    const seen = new Set<string>();
    for (let turn = 0; turn < 60; turn++) {
      const from = flows({ isolate: word }, count)[0]?.from ?? [];
      expect(from).toHaveLength(size);
      expect(from).toEqual(names(count).filter((name) => from.includes(name)));
      seen.add(String(from));
    }
    expect(seen.size).toBeGreaterThan(1);
  }
});

describe('a ring', () => {
  test.each([4, 5, 6, 7, 8, 9])('of %i: each sees a majority, no two the same, and both ways', (count) => {
    const cut = new Set(words({ ring: true }, count));
    const seen = names(count).map((one) =>
      names(count).filter((other) => other === one || !cut.has(`${one} > ${other}`)),
    );
    for (const view of seen) expect(view.length).toBeGreaterThan(count / 2);
    expect(new Set(seen.map(String)).size).toBe(count);
    for (const pair of cut) expect(cut).toContain(pair.split(' > ').reverse().join(' > '));
  });

  test('of three is none', () => {
    expect(() => flows({ ring: true }, 3)).toThrow('A ring needs four nodes; there are 3.');
  });
});

test('halves, and a bridge between halves', () => {
  expect(words({ halves: true })).toEqual(['n1 n2 > n3 n4 n5', 'n3 n4 n5 > n1 n2']);
  expect(words({ bridge: 'n3' })).toEqual(['n1 n2 > n4 n5', 'n4 n5 > n1 n2']);
  expect(() => flows({ bridge: 'n9' })).toThrow('n9 can be no bridge');
  expect(() => flows({ halves: true }, 1)).toThrow('There are no halves of 1.');
});

test.each<[Partial<Split>, string]>([
  [{}, 'Say one of'],
  [{ halves: true, ring: true }, 'Say one of'],
  [{ sides: [['n1']], isolate: 'n2' }, 'Say one of'],
  [{ from: ['n1'] }, 'One way is from somebody --to somebody.'],
  [{ sides: [['n1'], ['n1']] }, 'n1 is on two sides.'],
  [{ isolate: 'primary' }, 'There is no primary'],
])('%j is refused', (split, sentence) => {
  expect(() => flows(split)).toThrow(sentence);
});
