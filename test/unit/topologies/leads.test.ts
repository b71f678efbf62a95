import { expect, test } from 'vitest';
import { leadsOf, type Route } from '../../../src/topologies/routes.js';

const entries = ['node1', 'node2', 'node3'].map((name) => ({ name }));
const route = (writes: boolean, reads: boolean, alarm: string | null = null): Route => ({
  ...{ writes, reads, alarm, is: '' },
});
const leads = (said: Record<string, Route | string>, before: string | null = null) =>
  leadsOf(entries, new Map(Object.entries(said)), before);

test('a primary and its replicas', () => {
  const said = { node1: route(true, false), node2: route(false, true), node3: 'dead' };
  expect(leads(said)).toEqual({ writer: 'node1', readers: ['node2'] });
});

test('of many that take writes it stays the one that it was', () => {
  const all = { node1: route(true, true), node2: route(true, true), node3: route(true, true) };
  expect(leads(all)).toEqual({ writer: 'node1', readers: ['node2', 'node3'] });
  expect(leads(all, 'node2')).toEqual({ writer: 'node2', readers: ['node1', 'node3'] });
  expect(leads({ ...all, node2: 'dead' }, 'node2')).toEqual({ writer: 'node1', readers: ['node3'] });
});

test('where nobody else serves reads the writer does', () => {
  expect(leads({ node1: route(true, false), node2: 'dead' })).toEqual({ writer: 'node1', readers: ['node1'] });
});

test('one whose writes may not last only where there is no other', () => {
  const split = { node1: route(true, true, 'split brain'), node2: route(true, true) };
  expect(leads(split, 'node1')).toMatchObject({ writer: 'node2' });
  expect(leads({ node1: split.node1 })).toMatchObject({ writer: 'node1' });
});

test('nobody', () => {
  expect(leads({ node1: 'dead', node2: 'stopped' })).toEqual({ writer: null, readers: [] });
});
