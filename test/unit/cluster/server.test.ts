import { expect, test } from 'vitest';
import { atLeast, serverTitle } from '../../../src/cluster/server.js';
import { MARIADB } from '../../fakes/cluster.js';

test('serverTitle', () => {
  expect(serverTitle(MARIADB)).toBe('mariadb 10.11.19');
});

test.each([
  ['10.11.19', '10.11', true],
  ['10.11', '10.11.0', true],
  ['11.4.0', '11.4', true],
  ['11.3.9', '11.4', false],
  ['10.11.19', '11.4', false],
  ['9.7.4', '10', false],
  ['8.0.36', '8.0.4', true],
  ['8.4', '8.0.36', true],
  ['10', '10.0.1', false],
])('%s at least %s: %s', (version, since, expected) => {
  expect(atLeast(version, since)).toBe(expected);
});
