import { expect, test } from 'vitest';
import { assertMtu } from '../../../src/cluster/mtu.js';

test.each([576, 1500, 9000, 65535])('%d is an MTU', (mtu) => {
  expect(() => {
    assertMtu(mtu);
  }).not.toThrow();
});

test.each([0, -1, 575, 65536, 1499.5, NaN])('%d is none', (mtu) => {
  expect(() => {
    assertMtu(mtu);
  }).toThrow(/a whole number of bytes from 576 to 65535/);
});
