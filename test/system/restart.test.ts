import { describe, expect, test } from 'vitest';
import type { ClusterView } from '../../src/lifecycle/view.js';
import { MARIADB, discardedIn, nodeOf, statusOf } from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf, uriOf } from './world/machine.js';
import { Watch } from './world/watch.js';
import { Writer } from './world/writer.js';

keepMachineClean();

const NODES = ['node1', 'node2', 'node3'];

/** Nodes in the order in which their servers were started: pids of a world go up. */
const byAge = ({ nodes }: ClusterView) =>
  [...nodes].sort((a, b) => (a.pid ?? 0) - (b.pid ?? 0)).map(({ name }) => name);

describe.each([
  { topology: 'replication', order: ['node2', 'node3', 'node1'], notes: ['node2 took over from node1.'] },
  { topology: 'pxc', order: NODES, notes: [] },
])('restart --rolling of $topology', ({ topology, order, notes }) => {
  test('one at a time, the primary last, under a writer: no acknowledged row is missing', async () => {
    await dbns([topology, 'create', 'c', '--nodes', '3', '--image', MARIADB]);
    await query(socketOf('c', 'node1'), 'CREATE DATABASE shop');
    await query(socketOf('c', 'node1'), 'CREATE TABLE shop.t (id INT PRIMARY KEY) ENGINE = InnoDB');
    const before = await statusOf('c');
    const writer = new Writer(await Promise.all(NODES.map((node) => uriOf('c', node))));
    const more = async () => {
      const now = writer.acknowledged.length;
      await expect.poll(() => writer.acknowledged.length).toBeGreaterThan(now + 20);
    };
    await more();
    const watch = new Watch(before.nodes);
    const { json } = await dbns(['restart', 'c', '--rolling', '--json']);
    expect([...(await watch.stop())].sort()).toEqual(['', ...NODES]);
    const { clusters } = json as { clusters: { notes: string[] }[] };
    expect(clusters[0]?.notes.filter((note) => note.includes('took over'))).toEqual(notes);
    const after = await statusOf('c');
    for (const { name, pid } of before.nodes) expect(nodeOf(after, name).pid).not.toBe(pid);
    expect(byAge(after)).toEqual(order);
    // Whoever came back was let in at once: a Galera node that others still took leave of would have been forgotten with it.
    for (const { log } of after.nodes) expect(discardedIn(log)).toEqual([]);

    // Who is down already comes first: else two would be.
    await more();
    await dbns(['stop', 'c', 'node3']);
    const again = new Watch(before.nodes);
    await dbns(['restart', 'c', '--rolling', 'node1', 'node3']);
    expect([...(await again.stop())].sort()).toEqual(['', 'node1', 'node3']);
    await more();
    await writer.stop();
    await dbns(['status', 'c', '--check', '--timeout', '5m']);
    for (const node of NODES) {
      const missing = async () => {
        const there = new Set((await query(socketOf('c', node), 'SELECT id FROM shop.t')).map(({ id }) => id));
        return writer.acknowledged.filter((number) => !there.has(number));
      };
      await expect.poll(missing).toEqual([]);
    }
  });
});
