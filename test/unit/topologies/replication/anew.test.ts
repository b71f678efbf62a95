import { describe, expect, test } from 'vitest';
import type { Made } from '../../../../src/cluster/cluster.js';
import { life } from '../../../../src/topologies/replication/life.js';
import { readSettings, settingsOf } from '../../../../src/topologies/replication/settings.js';
import { sourcesOf, type Shape, type Sources } from '../../../../src/topologies/replication/shapes.js';
import { sampleCluster } from '../../../fakes/cluster.js';

const NAMES = ['node1', 'node2', 'node3'];

/** What becomes of sources when nodes of a shape begin anew; `nodes` are those that are there. */
function begin(shape: Shape, now: Sources, changes: { nodes?: readonly string[] } & Record<string, unknown> = {}) {
  const { nodes = Object.keys(now), ...words } = changes;
  const all = sampleCluster(6, { settings: readSettings({ shape, sources: now, ...words }) });
  const cluster = { ...all, nodes: all.nodes.filter(({ name }) => nodes.includes(name)) };
  const made: Made = {
    settings: readSettings({ shape, sources: sourcesOf(shape, NAMES) }),
    roles: {},
    options: {},
    init: false,
  };
  const begun = life.anew(cluster, made);
  const roles = Object.fromEntries(begun.nodes.map(({ name, role }) => [name, role]));
  return { ...settingsOf(begun), roles };
}

describe('a replication cluster begins anew', () => {
  test('as it is, where nothing became of it', () => {
    for (const shape of ['star', 'chain', 'ring', 'fan-in', 'all-masters'] as const)
      expect(begin(shape, sourcesOf(shape, NAMES)).sources).toEqual(sourcesOf(shape, NAMES));
  });

  test('with the primary of the beginning, whoever was promoted since, and in its own shape', () => {
    const { sources, roles } = begin('star', { node1: ['node2'], node2: [], node3: ['node2'] });
    expect(sources).toEqual({ node1: [], node2: ['node1'], node3: ['node1'] });
    expect(roles).toEqual({ node1: 'primary', node2: 'replica', node3: 'replica' });
    const flat = { node1: ['node3'], node2: ['node3'], node3: [] };
    expect(begin('chain', flat).sources).toEqual({ node1: [], node2: ['node1'], node3: ['node2'] });
  });

  test('with those that were added: from whom they replicate now, and from the primary where that one changes', () => {
    const now = { node1: ['node2'], node2: [], node3: ['node2'], node4: ['node2'], node5: ['node3'] };
    expect(begin('star', now).sources).toMatchObject({ node4: ['node1'], node5: ['node3'] });
    // One of them was promoted.
    const theirs = { node1: ['node4'], node2: ['node4'], node3: ['node4'], node4: [], node5: ['node4'] };
    const { sources, roles } = begin('star', theirs);
    expect(sources).toEqual({ node1: [], node2: ['node1'], node3: ['node1'], node4: ['node1'], node5: ['node1'] });
    expect(roles).toMatchObject({ node1: 'primary', node4: 'replica' });
  });

  test('with whoever is primary now, where the one of the beginning was removed', () => {
    const now = { node2: [], node3: ['node2'], node4: ['node3'] };
    expect(begin('star', now).sources).toEqual(now);
  });

  test('with the first that can be primary, where nobody is', () => {
    const orphans = { sources: { node2: [], node3: [] }, orphans: ['node2', 'node3'] };
    const { sources, roles, orphans: left } = begin('star', orphans.sources, orphans);
    expect(sources).toEqual({ node2: [], node3: ['node2'] });
    expect(roles).toEqual({ node2: 'primary', node3: 'replica' });
    expect(left).toEqual([]);
    expect(begin('star', orphans.sources, { ...orphans, delays: { node2: 60 } }).sources).toEqual({
      node2: ['node3'],
      node3: [],
    });
  });

  test('where a source was removed, from its source', () => {
    expect(begin('chain', { node1: [], node3: ['node1'] }).sources).toEqual({ node1: [], node3: ['node1'] });
  });

  test('without those that had come or left by half, of whom the words speak', () => {
    const { sources, delays } = begin('chain', sourcesOf('chain', [...NAMES, 'node4']), {
      nodes: ['node1', 'node3', 'node4'],
      delays: { node2: 60, node4: 30 },
    });
    expect(sources).toEqual({ node1: [], node3: ['node1'], node4: ['node3'] });
    expect(delays).toEqual({ node4: 30 });
  });

  test('a ring, a fan-in, all masters: with what was added to the shape', () => {
    const ring = { node1: ['node4'], node2: ['node1'], node3: ['node2'], node4: ['node3'] };
    expect(begin('ring', ring).sources).toEqual(ring);
    const gathered = { node1: [], node2: [], node3: ['node1', 'node2', 'node4'], node4: [] };
    expect(begin('fan-in', gathered).sources).toEqual(gathered);
    const all = sourcesOf('all-masters', [...NAMES, 'node4']);
    expect(begin('all-masters', all).sources).toEqual(all);
  });

  test('nobody from whom replicates from it in turn', () => {
    // node3 was the source of node2, whose own was removed meanwhile and came from node2.
    const now = { node1: ['node4'], node2: ['node5'], node4: [], node5: ['node2'] };
    const made = { sources: now };
    const { sources } = begin('chain', made.sources);
    for (const name of Object.keys(now)) expect(leadsUp(name, sources)).toBe('node1');
  });
});

function leadsUp(name: string, sources: Sources): string {
  let at = name;
  for (let count = 0; count < 9; count++) at = sources[at]?.[0] ?? at;
  return at;
}
