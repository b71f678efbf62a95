import { describe, expect, test } from 'vitest';
import type { Cluster, Node, Settings } from '../../../../src/cluster/cluster.js';
import { stepsOf } from '../../../../src/cluster/plan.js';
import { growth } from '../../../../src/topologies/pxc/growth/growth.js';
import { withMembers } from '../../../../src/topologies/pxc/growth/members.js';
import type { NoPosition, Position } from '../../../../src/topologies/pxc/position.js';
import { isCovered, quorumNote } from '../../../../src/topologies/pxc/growth/shrink.js';
import type { Status } from '../../../../src/topologies/pxc/status.js';
import { wayOf } from '../../../../src/topologies/pxc/growth/way.js';
import { nodeOf, nodeServer, sampleCluster, sampleSetting } from '../../../fakes/cluster.js';
import { fakeMachine } from '../../../fakes/machine.js';

const A = 'aaaaaaaa-0000-11ef-8000-000000000001';
const B = 'bbbbbbbb-0000-11ef-8000-000000000002';
const at = (seqno: number, uuid = A): Position => ({ uuid, seqno });

describe('settle', () => {
  const settle = (nodes: number | null, settings: Settings = {}, cluster: Partial<Cluster> = {}) =>
    growth.settle(sampleCluster(3, { nextIndex: 6, ...cluster }), { nodes, settings });

  test('one comes when no number is said; numbers go on from the last', () => {
    expect(settle(null)).toEqual({ settings: {}, seats: [{ name: 'node6', role: 'member', group: null }] });
    expect(settle(2).seats.map(({ name }) => name)).toEqual(['node6', 'node7']);
  });

  test.each([0, -1, 1.5, 62])('%d nodes are refused', (nodes) => {
    expect(() => settle(nodes)).toThrow(`--nodes ${nodes}: 'east' has 3 nodes, and a pxc cluster has 1 to 64.`);
  });

  test('how data are taken over is the same for all', () => {
    expect(settle(1, { sst: 'rsync' }).seats).toHaveLength(1);
    expect(settle(1, { sst: 'mariabackup' }, { settings: { sst: 'mariabackup' } }).settings).toEqual({
      sst: 'mariabackup',
    });
    expect(() => settle(1, { sst: 'mariabackup' })).toThrow("the nodes of 'east' take all data over by rsync");
    const own = sampleCluster(1, { nodes: [withOption('wsrep-sst-method', 'rsync_wan')] });
    expect(() => growth.settle(own, { nodes: 1, settings: { sst: 'rsync' } })).toThrow('by rsync_wan');
  });

  test("another topology's words are refused", () => {
    expect(() => settle(1, { arbiter: true })).toThrow('--arbiter is not for a pxc cluster');
  });
});

function withOption(key: string, value: string): Node {
  return { ...nodeOf(sampleCluster(1)), options: [{ key, value }] };
}

describe('the way of a newcomer', () => {
  const donor = (from: string, last = '90', uuid = A): Status => ({
    wsrep_local_state_uuid: uuid,
    wsrep_local_cached_downto: from,
    wsrep_last_committed: last,
  });
  const note = (pristine: Position | NoPosition, donors: readonly Status[], method = 'rsync') =>
    wayOf('node4', pristine, donors, method).note;
  const SST = 'node4 takes all data over (SST by rsync): ';
  const BLOCKS = "; rsync blocks the donor's writes while it copies.";

  test.each([
    ['2', '8', '6 write sets'],
    ['3', '3', '1 write set'],
  ])('is by IST where a gcache that begins at %s reaches back', (from, last, count) => {
    expect(wayOf('node4', at(2), [donor('70'), donor(from, last)].slice(1), 'rsync')).toEqual({
      beginsAs: 'pristine',
      note: `node4 takes ${count} from a donor's gcache (IST), on a clone of the pristine directory.`,
    });
  });

  test('is by IST where one of several reaches back', () => {
    expect(wayOf('node4', at(2), [donor('70'), donor('3')], 'rsync').beginsAs).toBe('pristine');
  });

  test.each([
    // What Galera says of a gcache with nothing in it.
    ['18446744073709551615', at(2), `no donor's gcache reaches back to ${A}:3`],
    ['4', at(2), `no donor's gcache reaches back to ${A}:3`],
    ['1', at(2, B), 'the pristine directory is of another history'],
    ['1', 'nothing' as const, 'there is no pristine directory of its history'],
    ['1', 'unknown' as const, 'there is no pristine directory of its history'],
  ])('is by SST for gcache from %s and pristine at %j', (from, pristine, why) => {
    expect(wayOf('node4', pristine, [donor(from)], 'rsync')).toEqual({
      beginsAs: 'empty',
      note: `${SST}${why}${BLOCKS}`,
    });
  });

  test('tells what a transfer costs', () => {
    expect(note('nothing', [], 'mariabackup')).toMatch(/SST by mariabackup.*; its script waits ten seconds/);
    expect(note('nothing', [], 'xtrabackup-v2')).toMatch(/its history\.$/);
  });
});

test('nobody can join where nobody runs', async () => {
  const cluster = sampleCluster(2);
  const request = { setting: sampleSetting(cluster), before: sampleCluster(1), newcomers: [nodeOf(cluster, 2)] };
  await expect(growth.grow({ ...request, running: [], pristines: new Map() })).rejects.toMatchObject({
    ...{ exitCode: 5, message: "No node of 'east' runs: there is nobody to join." },
  });
  // It does not answer.
  await expect(growth.grow({ ...request, running: [nodeOf(cluster)], pristines: new Map() })).rejects.toThrow(
    "node1 of 'east' runs in no primary component: nobody can join.",
  );
});

describe('withMembers', () => {
  const line = (members: string) => `[mysqld]\nwsrep_cluster_address           = gcomm://${members}\nport = 3306\n`;

  test('names who comes, and no longer who leaves; as often as you like', () => {
    const change = { come: ['10.0.0.4'], leave: ['10.0.0.2'] };
    const once = withMembers(line('10.0.0.2,10.0.0.3'), change);
    expect(once).toBe(line('10.0.0.3,10.0.0.4'));
    expect(withMembers(once, change)).toBe(once);
  });

  test('leaves what somebody wrote', () => {
    const own = '# wsrep_cluster_address = gcomm://x\nwsrep_cluster_address=gcomm://10.0.0.2?gmcast.segment=1\n';
    expect(withMembers(own, { come: ['10.0.0.3'] })).toBe(own.replace('10.0.0.2', '10.0.0.2,10.0.0.3'));
    expect(withMembers('[mysqld]\n', { come: ['10.0.0.3'] })).toBe('[mysqld]\n');
  });
});

describe('shrink', () => {
  const state = ({ uuid, seqno }: Position) => `# GALERA saved state\nuuid:    ${uuid}\nseqno:   ${seqno}\n`;
  const shrink = (
    positions: readonly Position[],
    leave: readonly number[],
    {
      phase = 'added',
      running = [] as number[],
      force = false,
    }: { phase?: Node['phase']; running?: number[]; force?: boolean } = {},
  ) => {
    const { nodes, ...rest } = sampleCluster(positions.length);
    const cluster = { ...rest, nodes: nodes.map((node) => (leave.includes(node.index) ? { ...node, phase } : node)) };
    const config = 'wsrep_cluster_address = gcomm://10.200.0.2,10.200.0.3,10.200.0.4\n';
    const files: Record<string, string> = {};
    for (const { directory, index } of nodes) {
      files[`${directory}/data/grastate.dat`] = state(positions[index - 1] ?? at(-1));
      files[`${directory}/my.cnf`] = config;
    }
    const machine = fakeMachine({ files });
    const pick = (some: readonly number[]) => cluster.nodes.filter(({ index }) => some.includes(index));
    return growth.shrink({
      ...{ setting: sampleSetting(cluster, nodeServer(), machine), force, returns: false },
      ...{ leaving: pick(leave), running: pick(running) },
    });
  };

  test('of a stopped cluster: whoever is no further than one that stays may go', async () => {
    const { notes, before, after, settings } = await shrink([at(7), at(7), at(5)], [2]);
    expect(notes).toEqual(['2 nodes stay: when one of them is lost the other is no primary component.']);
    expect([stepsOf(before), settings]).toEqual([[], {}]);
    const written = stepsOf(after).flatMap(({ acts }) =>
      acts.map((act) => (act.do === 'write' ? act.content : act.do)),
    );
    expect(written).toEqual(Array.from({ length: 2 }, () => 'wsrep_cluster_address = gcomm://10.200.0.2,10.200.0.4\n'));
  });

  test('of a stopped cluster: what one alone has is not thrown away but by force', async () => {
    const refused = shrink([at(7), at(8), at(5)], [2]);
    await expect(refused).rejects.toMatchObject({ exitCode: 5 });
    await expect(refused).rejects.toThrow(`None that stays is as far as node2 (${A}:8), and no node of 'east' runs`);
    await expect(shrink([at(7), at(-1), at(5)], [2])).rejects.toThrow('Nobody knows how far node2 is');
    const { notes } = await shrink([at(7), at(8), at(5)], [2], { force: true });
    expect(notes).toEqual([expect.stringContaining('what it alone has would be lost')]);
  });

  test('those that stay must run where the others do', async () => {
    await expect(shrink([at(-1), at(5), at(5)], [1], { running: [1] })).rejects.toThrow(
      "No node of 'east' that stays runs: what was written on node1 since would be lost.",
    );
    // node2 runs, and does not answer that it is in a primary component.
    await expect(shrink([at(-1), at(-1), at(5)], [1], { running: [1, 2] })).rejects.toThrow(
      "node2 of 'east' stays, in no primary component",
    );
  });

  test('nothing depends on one that never came, or is half gone', async () => {
    for (const phase of ['adding', 'removing'] as const) {
      const { notes, after } = await shrink([at(5), at(9), at(5)], [2], { phase, running: [1] });
      expect(notes).toEqual([]);
      // Those that run are as the add left them that was broken off.
      expect(stepsOf(after).map(({ step }) => step)).toContain("put back Galera's timeouts on node1");
    }
  });

  test.each([
    [at(5), [at(5)], true],
    [at(5), ['unknown', at(6)], true],
    [at(5), [at(4), 'unknown'], false],
    [at(5), [at(6, B)], false],
    ['nothing', [], true],
    ['unknown', [at(99)], false],
  ] as const)('isCovered(%j) by %j: %s', (position, stays, expected) => {
    expect(isCovered(position, stays)).toBe(expected);
  });

  test.each([
    [1, '1 node stays'],
    [2, '2 nodes stay: when one of them is lost the other is no primary component.'],
    [3, '3 nodes stay: 1 of them may be lost at once.'],
    [4, '4 nodes stay: 1 of them may be lost at once.'],
    [5, '5 nodes stay: 2 of them may be lost at once.'],
  ])('%d stay', (count, words) => {
    expect(quorumNote(count)).toContain(words);
  });
});
