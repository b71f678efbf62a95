import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { transitionsIn } from '../../../../src/lifecycle/watch/logged.js';
import { topologyNamed } from '../../../../src/topologies/registry.js';
import { namerOf } from '../../../../src/topologies/transitions.js';
import { sampleCluster } from '../../../fakes/cluster.js';

/** What servers really wrote, shortened: a node that was killed, cut off, healed; a server that was killed; threads that were stopped. */
const recorded = (name: string) => readFileSync(new URL(`recorded/${name}.log`, import.meta.url), 'utf8');

function read(topology: string, text: string, writtenAt: string) {
  const { log, transitions } = topologyNamed(topology);
  const meanings = [...(transitions?.meanings(namerOf(sampleCluster(3))) ?? []), ...log.meanings];
  return transitionsIn({ text, writtenAt: Date.parse(writtenAt) }, { node: 'node1', log, meanings });
}

/** `18:58:51 state Synced → Initialized`. */
const lines = (found: ReturnType<typeof read>) =>
  found.map(({ transition: { at, what, of, before, after } }) =>
    [at.slice(11).replace('Z', ''), what, ...(of === null ? [] : [of]), before, '→', after].join(' '),
  );

test('Galera: a node that loses the others, is cut off, and comes back by IST', () => {
  const found = read('pxc', recorded('galera'), '2026-11-26T18:59:04.300Z');
  expect(lines(found)).toEqual([
    '18:58:34 cluster  → non-Primary',
    '18:58:34 size  → 1',
    '18:58:34 size 1 → 3',
    '18:58:34 cluster non-Primary → Primary',
    '18:58:34 state Initialized → Synced',
    '18:58:35 process  → running',
    '18:58:40 size 3 → 2',
    '18:58:51 cluster Primary → non-Primary',
    '18:58:51 size 2 → 1',
    '18:58:51 state Synced → Initialized',
    '18:58:59 cluster non-Primary → Primary',
    '18:58:59 size 1 → 3',
    '18:58:59 state Initialized → Joining',
    '18:58:59 state Joining → Joined',
    '18:58:59 state Joined → Synced',
    '18:59:04 size 3 → 2',
  ]);
  expect(found[0]).toMatchObject({
    transition: { from: 'log', bootId: null, uptime: null, at: '2026-11-26T18:58:34Z' },
  });
});

test("a time to the second is the server's own, in whatever zone, and may be as late as the next second", () => {
  const [first] = read('pxc', recorded('galera'), '2026-11-26T13:29:05.000Z');
  expect(first?.transition.at).toBe('2026-11-26T13:28:34Z');
  expect(first?.latest).toBe(Date.parse('2026-11-26T13:28:34.999Z'));
});

test('a group: a member that is cut off loses its quorum, is expelled, rejoins, and is elected', () => {
  expect(lines(read('group', recorded('group'), '2026-11-26T19:01:00Z'))).toMatchInlineSnapshot(`
    [
      "18:59:26.495 process  → running",
      "18:59:26.838 state  → ONLINE",
      "18:59:26.846 role  → primary",
      "18:59:28.055 sees node2  → ONLINE",
      "18:59:30.192 sees node3  → ONLINE",
      "18:59:36.836 sees node2 ONLINE → UNREACHABLE",
      "18:59:36.836 sees node3 ONLINE → UNREACHABLE",
      "18:59:36.836 quorum  → false",
      "18:59:55.163 sees node3 UNREACHABLE → ONLINE",
      "18:59:55.163 quorum false → true",
      "18:59:55.711 sees node2 UNREACHABLE → ONLINE",
      "19:00:02.889 state ONLINE → ERROR",
      "19:00:06.529 state ERROR → ONLINE",
      "19:00:13.976 sees node2 ONLINE → UNREACHABLE",
      "19:00:29.950 sees node2 UNREACHABLE → ",
      "19:00:38.320 sees node2  → ONLINE",
    ]
  `);
});

test('a replica of MySQL: its source was killed, and it stopped at a transaction', () => {
  const found = read('replication', recorded('mysql-replica'), '2026-11-26T19:02:00Z');
  expect(lines(found)).toMatchInlineSnapshot(`
    [
      "19:01:02.039 process  → running",
      "19:01:03.272 receiver node1  → Yes",
      "19:01:09.331 receiver node1 Yes → Connecting",
      "19:01:24.274 receiver node1 Connecting → Yes",
      "19:01:37.592 applier  → No",
    ]
  `);
  expect(found.at(-1)?.transition.why).toContain("Can't create database 'x'; database exists");
});

test('a replica of MariaDB: its source was killed, and its threads were stopped and started', () => {
  expect(lines(read('replication', recorded('mariadb-replica'), '2026-11-26T19:02:10Z'))).toMatchInlineSnapshot(`
    [
      "19:01:54 process  → running",
      "19:01:54 receiver node1  → Yes",
      "19:01:54 applier  → Yes",
      "19:01:55 receiver node1 Yes → Connecting",
      "19:02:01 receiver node1 Connecting → No",
      "19:02:01 receiver node1 No → Yes",
      "19:02:06 applier Yes → No",
      "19:02:08 applier No → Yes",
      "19:02:08 receiver node1 Yes → No",
      "19:02:08 receiver node1 No → Yes",
    ]
  `);
});

test('a member of a set: it starts three times, and is elected', () => {
  expect(lines(read('mongo', recorded('mongo'), '2026-11-26T16:03:00Z'))).toMatchInlineSnapshot(`
    [
      "16:02:00.873 process  → running",
      "16:02:00.873 state STARTUP → REMOVED",
      "16:02:00.883 state REMOVED → RECOVERING",
      "16:02:01.875 state RECOVERING → SECONDARY",
      "16:02:01.875 role  → secondary",
      "16:02:02.339 process running → stopped",
      "16:02:07.820 process  → running",
      "16:02:07.823 state STARTUP → STARTUP2",
      "16:02:07.830 state STARTUP2 → RECOVERING",
      "16:02:07.830 state RECOVERING → SECONDARY",
      "16:02:07.830 role  → secondary",
      "16:02:25.930 process  → running",
      "16:02:25.930 state STARTUP → STARTUP2",
      "16:02:25.934 state STARTUP2 → RECOVERING",
      "16:02:25.935 state RECOVERING → SECONDARY",
      "16:02:25.935 role  → secondary",
      "16:02:36.476 state SECONDARY → PRIMARY",
      "16:02:36.476 role secondary → primary",
    ]
  `);
});

test('MongoDB since 4.4 writes JSON', () => {
  const line =
    '{"t":{"$date":"2026-11-26T16:02:36.476+00:00"},"s":"I","c":"REPL","id":21358,"ctx":"ReplCoord-1","msg":"Replica set state transition","attr":{"newState":"SECONDARY","oldState":"PRIMARY"}}';
  expect(lines(read('mongo', line, '2026-11-26T16:03:00Z'))).toEqual([
    '16:02:36.476 state PRIMARY → SECONDARY',
    '16:02:36.476 role  → secondary',
  ]);
});

test('a server that starts has nothing of before, whoever ended it', () => {
  const start = '2026-11-26 18:59:08 0 [Note] Starting MariaDB 10.11.19 source revision 58 as process 2';
  const ready = '2026-11-26 18:59:10 0 [Note] /usr/sbin/mariadbd: ready for connections.';
  expect(lines(read('pxc', [start, ready, ready, start, ready].join('\n'), '2026-11-26T18:59:10Z'))).toEqual([
    '18:59:10 process  → running',
    '18:59:10 process  → running',
  ]);
});

test('a log that is empty, or was never one, tells nothing', () => {
  for (const text of ['', 'Segmentation fault', 'Version: 1'])
    expect(read('pxc', text, '2026-11-26T18:59:10Z')).toEqual([]);
});
