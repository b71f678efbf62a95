import { expect, test } from 'vitest';
import { fit } from '../../../src/cli/screen.js';

test.each([
  [4, 'a\nb\nc'],
  [3, 'a\nb\nc'],
  [2, 'a\n… and 2 more lines, for which this terminal is too low'],
  [1, '… and 3 more lines, for which this terminal is too low'],
])('three lines on %d rows', (rows, shown) => {
  expect(fit('a\nb\nc', rows)).toBe(shown);
});
