import { describe, expect, test } from 'vitest';
import { ConflictError } from '../../../../src/errors/errors.js';
import { assertMayLeave, notesOf, type Parting } from '../../../../src/topologies/replication/growth/may-leave.js';
import { withoutNodes } from '../../../../src/topologies/replication/growth/reshape.js';
import { readSettings } from '../../../../src/topologies/replication/settings.js';
import { linksOf, sourcesOf, type Shape } from '../../../../src/topologies/replication/shapes.js';
import { nodeServer, sampleCluster, sampleSetting } from '../../../fakes/cluster.js';

interface Case {
  readonly leaving: readonly string[];
  readonly words?: Record<string, unknown>;
  readonly dead?: readonly string[];
  readonly stranded?: readonly string[];
  readonly force?: boolean;
}

function parting(shape: Shape, { leaving, words = {}, dead = [], stranded = [], force = false }: Case): Parting {
  const names = ['node1', 'node2', 'node3'];
  const settings = readSettings({ shape, sources: sourcesOf(shape, names), ...words });
  const setting = sampleSetting(sampleCluster(3, { topology: 'replication', settings }), nodeServer());
  return {
    ...{ setting, settings, leaving, stranded, force, returns: false, shrunk: withoutNodes(settings, leaving) },
    runs: (name) => !dead.includes(name),
    cut: linksOf(settings.sources).filter(({ source }) => leaving.includes(source)),
  };
}

describe('assertMayLeave', () => {
  test.each<[Shape, Case, string]>([
    ['star', { leaving: ['node1'] }, 'node1 is the primary: without it nobody takes writes.'],
    ['chain', { leaving: ['node1', 'node2'] }, 'node1 is the primary'],
    ['fan-in', { leaving: ['node3'] }, 'node3 gathers what all others have'],
    ['ring', { leaving: ['node3'], dead: ['node1'] }, 'node1 must run, to be told that node3 leaves.'],
    ['all-masters', { leaving: ['node3'], dead: ['node2'] }, 'node2 must run, to be told that node3 leaves.'],
    ['fan-in', { leaving: ['node1'], dead: ['node3'] }, 'node3 must run'],
    ['chain', { leaving: ['node2'], words: { gtid: false }, dead: ['node3'] }, 'node3 must run'],
    ['chain', { leaving: ['node2'], words: { gtid: false }, stranded: ['node3'] }, 'node2 must run to leave'],
  ])('%s, %j', (shape, one, message) => {
    expect(() => {
      assertMayLeave(parting(shape, one));
    }).toThrow(ConflictError);
    expect(() => {
      assertMayLeave(parting(shape, one));
    }).toThrow(message);
    assertMayLeave(parting(shape, { ...one, force: true }));
  });

  test.each<[Shape, Case]>([
    ['star', { leaving: ['node2', 'node3'], dead: ['node2'] }],
    ['chain', { leaving: ['node2'], dead: ['node2', 'node3'] }],
    ['ring', { leaving: ['node2'], dead: ['node2'] }],
    ['all-masters', { leaving: ['node2'], dead: ['node2'] }],
    ['fan-in', { leaving: ['node1'] }],
  ])('%s, %j: may', (shape, one) => {
    assertMayLeave(parting(shape, one));
  });

  test('who is named to be promoted has all data, now', () => {
    const late = parting('star', { leaving: ['node1'], words: { delays: { node2: 60 } } });
    expect(() => {
      assertMayLeave(late);
    }).toThrow(expect.objectContaining({ suggestions: ['dbns promote east node3', 'dbns remove east node1 --force'] }));
  });
});

test.each<[Shape, Case, string[]]>([
  ['star', { leaving: ['node3'] }, []],
  ['chain', { leaving: ['node2'] }, ['node3 replicates from node1 from now on.']],
  ['chain', { leaving: ['node2'], dead: ['node3'] }, ['node3 does not run: it replicates from node1 when it starts.']],
  [
    'star',
    { leaving: ['node2', 'node3'], words: { semiSync: true } },
    ['node1 has no replica left: its commits wait for none, and semi-sync is off there.'],
  ],
  [
    'chain',
    { leaving: ['node1'], dead: ['node1'] },
    [
      'node2 replicates from nobody, and takes no writes until a node is promoted.',
      'node1 does not run: what it had and nobody else has is lost.',
    ],
  ],
  [
    'all-masters',
    { leaving: ['node3'], dead: ['node2', 'node3'] },
    [
      'node3 does not run: what it had and nobody else has is lost.',
      'node2 does not run, and still wants to replicate from a node that is gone when it starts.',
    ],
  ],
])('what it means: %s, %j', (shape, one, notes) => {
  expect(notesOf(parting(shape, one))).toEqual(notes);
});
