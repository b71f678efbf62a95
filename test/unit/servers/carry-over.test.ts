import { expect, test } from 'vitest';
import { carryOver } from '../../../src/servers/carry-over.js';

const before = '[mysqld]\nport = 3306\nmembers = a,b\n';
const after = '[mysqld]\nport = 3306\nmembers = a,b,c\n';

test('what changed between two renderings comes into the file; what somebody wrote into it stays', () => {
  const present = '[mysqld]\nport = 3306\nmembers = a,b\nmax_connections = 7\n';
  expect(carryOver(before, after, present)).toBe('[mysqld]\nport = 3306\nmembers = a,b,c\nmax_connections = 7\n');
});

test('a line that somebody changed is left as it is', () => {
  const present = '[mysqld]\nmembers = x\n';
  expect(carryOver(before, after, present)).toBe(present);
});

test('once more, nothing happens', () => {
  expect(carryOver(before, after, after)).toBe(after);
});

test('renderings that differ by more than values are a fault of templates', () => {
  expect(() => carryOver(before, `${after}more\n`, before)).toThrow('differ by more than values');
});
