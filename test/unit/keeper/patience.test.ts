import { expect, test } from 'vitest';
import { patience } from '../../../src/keeper/patience.js';
import type { Found } from '../../../src/lifecycle/keeping/routes-now.js';

const writes: Found = { writes: true, reads: true, is: 'a member', alarm: null };
const silence = 'unresponsive (no answer in 800 ms)';
const said = (found: Found, silent = false) => ({
  entries: [],
  found: new Map([['node1', found]]),
  silent: new Set(silent ? ['node1'] : []),
});

test('who is late twice in a row is still led to, the third time no more', () => {
  const patient = patience();
  const answers = [said(writes), ...[1, 2, 3].map(() => said(silence, true))].map((now) => patient(now).get('node1'));
  expect(answers).toEqual([writes, writes, writes, silence]);
});

test('an answer in between begins anew', () => {
  const patient = patience();
  const all = [said(writes), said(silence, true), said(writes), said(silence, true), said(silence, true)];
  expect(all.map((now) => patient(now).get('node1'))).toEqual([writes, writes, writes, writes, writes]);
});

test('who is dead, or says that it is ill, is left at once', () => {
  const patient = patience();
  expect([said(writes), said('dead'), said(silence, true)].map((now) => patient(now).get('node1'))).toEqual([
    writes,
    'dead',
    'dead',
  ]);
});

test('of who never answered nothing is known', () => {
  expect(patience()(said(silence, true)).get('node1')).toBe(silence);
});
