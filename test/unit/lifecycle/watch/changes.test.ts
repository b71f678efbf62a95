import { expect, test } from 'vitest';
import { describeNode } from '../../../../src/lifecycle/status.js';
import type { NodeSeen } from '../../../../src/lifecycle/view.js';
import { changesSeen } from '../../../../src/lifecycle/watch/changes.js';
import { topologyNamed } from '../../../../src/topologies/registry.js';
import { nodeOf, sampleCluster } from '../../../fakes/cluster.js';

const view = (changes: Partial<NodeSeen>): NodeSeen => ({
  ...describeNode(nodeOf(sampleCluster()), { pid: 7, memory: null }, 'running'),
  roleKnown: true,
  ...changes,
});
const galera = (state: string, clusterSize: number, changes: Partial<NodeSeen> = {}) =>
  view({ status: { state, clusterSize, clusterStatus: 'Primary', lastCommitted: 9 }, ...changes });
const dead = view({
  ...{ process: 'dead', pid: null, roleKnown: false, status: {} },
  exit: { code: null, signal: 'SIGKILL', at: '2026-11-26T18:00:00Z' },
});
const silent = view({ process: 'unresponsive', roleKnown: false, status: { error: 'no answer' } });

/** `size 3 → 2` of each view after the first; they come every 250 ms. */
function seen(topology: string, views: readonly NodeSeen[]): readonly (readonly string[])[] {
  const changes = changesSeen(topologyNamed(topology).transitions);
  const all = views.map((one, position) =>
    changes.see(one, position * 250).map(({ what, of, before, after, why }) => {
      const about = of === null ? what : `${what} ${of}`;
      return `${about} ${before ?? '-'} → ${after ?? '-'}${why === null ? '' : ` (${why})`}`;
    }),
  );
  return all.slice(1);
}

test('a number that is no state is no change', () => {
  expect(seen('pxc', [galera('Synced', 3), galera('Synced', 3, { healthy: true, memoryBytes: 5 })])).toEqual([[]]);
});

test("a node that loses another, and one that is cut off, in Galera's words", () => {
  const cut = view({ status: { state: 'Initialized', clusterSize: 1, clusterStatus: 'non-Primary' } });
  expect(seen('pxc', [galera('Synced', 3), galera('Synced', 2), cut])).toEqual([
    ['size 3 → 2'],
    ['state Synced → Initialized', 'cluster Primary → non-Primary', 'size 2 → 1'],
  ]);
});

test('one that dies is dead, and no more is said; one that comes back says all that it is', () => {
  expect(seen('pxc', [galera('Synced', 3), dead, dead, galera('Joined', 3)])).toEqual([
    ['process running → dead (SIGKILL)'],
    [],
    ['process dead → running', 'state - → Joined', 'cluster - → Primary', 'size - → 3'],
  ]);
});

test('one that refuses for a moment is left alone; one that goes on with it does not answer, and is the same after it', () => {
  expect(seen('pxc', [galera('Synced', 3), silent, silent, galera('Synced', 3)])).toEqual([[], [], []]);
  expect(seen('pxc', [galera('Synced', 3), silent, silent, silent, silent, silent, galera('Synced', 3)])).toEqual([
    ...[[], [], [], ['process running → unresponsive'], []],
    ['process unresponsive → running'],
  ]);
});

test('one that was paused goes on with what it was', () => {
  const paused = view({ process: 'paused', roleKnown: false, status: {} });
  expect(seen('pxc', [galera('Synced', 3), paused, galera('Synced', 3)])).toEqual([
    ['process running → paused'],
    ['process paused → running'],
  ]);
});

test('the first view says all that a node is, also of one that comes later', () => {
  const changes = changesSeen(topologyNamed('pxc').transitions);
  const first = changes.see(galera('Joining', 3), 0);
  expect(first.map(({ what, before, after }) => [what, before, after])).toEqual([
    ...[
      ['process', null, 'running'],
      ['role', null, 'member'],
    ],
    ...[
      ['state', null, 'Joining'],
      ['cluster', null, 'Primary'],
      ['size', null, '3'],
    ],
  ]);
  expect(changes.see({ ...dead, name: 'node2' }, 9)).toMatchObject([{ what: 'process', before: null, after: 'dead' }]);
});

test('a role that is not known is no change', () => {
  const primary = view({ role: 'primary', status: {} });
  const guessed = view({ role: 'replica', roleKnown: false, status: {} });
  const replica = view({ role: 'replica', status: {} });
  expect(seen('replication', [primary, guessed, replica])).toEqual([[], ['role primary → replica']]);
});

test('what a member sees of others, and that they are put out', () => {
  const member = (state: string | null) =>
    view({ status: { state: 'ONLINE', quorum: true, members: state === null ? [] : [{ node: 'node1', state }] } });
  expect(seen('group', [member('ONLINE'), member('UNREACHABLE'), member(null)])).toEqual([
    ['sees node1 ONLINE → UNREACHABLE'],
    ['sees node1 UNREACHABLE → -'],
  ]);
});

test('threads of a replica, by their source, and what stopped one', () => {
  const replica = (applier: string, error: string | null) =>
    view({ status: { readOnly: true, channels: [{ source: 'node1', receiver: 'Yes', applier, error }] } });
  expect(seen('replication', [replica('Yes', null), replica('No', '1007 database exists')])).toEqual([
    ['applier node1 Yes → No (1007 database exists)'],
  ]);
});
