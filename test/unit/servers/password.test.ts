import { expect, test } from 'vitest';
import { randomPassword } from '../../../src/servers/password.js';

const passwords = Array.from({ length: 500 }, randomPassword);

test('a random password satisfies policies: length, upper and lower case, digits, special characters', () => {
  for (const password of passwords) {
    expect(password).toMatch(/^([A-Za-z0-9]{5}-){4}[A-Za-z0-9]{5}$/);
    for (const form of [/[a-z]/g, /[A-Z]/g, /[0-9]/g, /[^A-Za-z0-9]/g]) {
      expect(password.match(form)?.length).toBeGreaterThanOrEqual(3);
    }
  }
});

test('it means itself in URIs and shells, and no two are the same', () => {
  for (const password of passwords) expect(encodeURIComponent(password)).toBe(password);
  expect(new Set(passwords).size).toBe(passwords.length);
});
