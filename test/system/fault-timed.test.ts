import { describe, expect, test } from 'vitest';
import type { NodeView } from '../../src/lifecycle/view.js';
import {
  MARIADB,
  MYSQL,
  createGroup,
  createPxc,
  createReplication,
  hasImages,
  nodeOf,
  statusOf,
  value,
} from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf } from './world/machine.js';
import { admin, atSocket, createMongo, needsMongod } from './world/mongo.js';
import { onsetBy, onsetOf, type Onset } from './world/onset.js';
import { THOROUGH } from './world/sample.js';

// What servers promise, and when, by their own settings (docs/faults.md). These alone are timed: they run with nothing
// beside them, and how long nobody could look is allowed for.

keepMachineClean();

const RUNS = THOROUGH ? 3 : 1;
const second = 1000;

function expectWithin({ sinceBegun, sinceDone, blind }: Onset, least: number, most: number): void {
  expect(sinceBegun).toBeGreaterThanOrEqual(least);
  expect(sinceDone).toBeLessThanOrEqual(most + blind);
}

const partition = (cluster: string, ...words: string[]) => dbns(['fault', 'partition', cluster, ...words]);
const healWhole = async (cluster: string) => {
  await dbns(['heal', cluster, '--wait', '--timeout', '5m']);
  // A primary of before is a secondary for a moment, and then rolls back what nobody else has.
  await expect.poll(async () => (await statusOf(cluster)).state, { timeout: 60_000 }).toBe('running');
};

describe.each(['PT5S', 'PT3S'])('Galera with evs.suspect_timeout %s', (suspect) => {
  const wsrep = "SHOW STATUS LIKE 'wsrep_cluster_status'";
  const isCut = (rows: readonly Record<string, unknown>[]) => rows[0]?.Value === 'non-Primary';
  const optionOf = async (socket: string, option: string) => {
    const [row] = await query(socket, "SHOW VARIABLES LIKE 'wsrep_provider_options'");
    const [, seconds = ''] = new RegExp(`${option} = PT([\\d.]+)S`).exec(String(row?.Value)) ?? [];
    return Number(seconds) * second;
  };
  const words = ['-c', `wsrep_provider_options=evs.suspect_timeout=${suspect};evs.inactive_timeout=PT15S`];

  test('an isolated node leaves the primary component, and comes back by itself', async () => {
    await createPxc(['c', '--nodes', '3', ...words]);
    const socket = socketOf('c', 'node1');
    for (let turn = 0; turn < RUNS; turn++) {
      const timeout = await optionOf(socket, 'evs.suspect_timeout');
      expect(timeout).toBe(Number(/\d+/.exec(suspect)?.[0]) * second);
      const onset = await onsetOf(() => partition('c', '--isolate', 'node1'), { socket, sql: wsrep, is: isCut });
      expectWithin(onset, timeout, timeout + 3 * second);
      expect(nodeOf(await statusOf('c'), 'node2').status).toMatchObject({ clusterStatus: 'Primary', clusterSize: 2 });
      await healWhole('c');
    }
  });

  test('halves of two and two: both sides leave it', { skip: suspect !== 'PT5S' }, async () => {
    await createPxc(['c', '--nodes', '4', ...words]);
    for (let turn = 0; turn < RUNS; turn++) {
      const socket = socketOf('c', 'node4');
      const timeout = await optionOf(socket, 'evs.suspect_timeout');
      const onset = await onsetOf(() => partition('c', '--halves'), { socket, sql: wsrep, is: isCut });
      expectWithin(onset, timeout, timeout + 3 * second);
      for (const name of ['node1', 'node2', 'node3', 'node4']) {
        await expect.poll(() => query(socketOf('c', name), wsrep)).toMatchObject([{ Value: 'non-Primary' }]);
      }
      await healWhole('c');
    }
  });
});

test('a group lists whom it does not reach, and expels it', { skip: !hasImages(MYSQL) }, async () => {
  await createGroup(['g', '--nodes', '3']);
  // Whom the others put out tries to come back at once, and not after five minutes.
  const socket = socketOf('g', 'node1');
  const members = 'SELECT MEMBER_HOST AS host, MEMBER_STATE AS state FROM performance_schema.replication_group_members';
  const address = nodeOf(await statusOf('g'), 'node3').address;
  const stateIs =
    (...states: (string | undefined)[]) =>
    (rows: readonly Record<string, unknown>[]) =>
      states.includes(rows.find(({ host }) => host === address || host === 'node3')?.state as string | undefined);
  for (const expel of THOROUGH ? [5, 0, 5, 0, 5, 0] : [0]) {
    for (const name of ['node1', 'node2', 'node3']) {
      // Who has just come back is ONLINE a moment before its START has ended.
      await expect
        .poll(async () => {
          await query(socketOf('g', name), `SET GLOBAL group_replication_member_expel_timeout = ${expel}`).catch(
            () => null,
          );
          return value(socketOf('g', name), 'SELECT @@group_replication_member_expel_timeout');
        })
        .toBe(expel);
    }
    const [row] = await query(socket, 'SELECT @@group_replication_member_expel_timeout AS seconds');
    const wait = Number(row?.seconds) * second;
    // Suspicions that wait are looked through every 15 s (SUSPICION_PROCESSING_THREAD_PERIOD of its source).
    const round = wait > 0 ? 15 * second : 0;
    const begun = performance.now();
    const unreachable = await onsetOf(() => partition('g', '--isolate', 'node3'), {
      ...{ socket, sql: members, is: stateIs('UNREACHABLE', undefined) },
    });
    // The detector's own five seconds are fixed.
    expectWithin(unreachable, 4 * second, 5 * second + 3 * second);
    const gone = await onsetOf(() => Promise.resolve(), { socket, sql: members, is: stateIs(undefined) });
    const since = performance.now() - begun;
    expect(since).toBeGreaterThanOrEqual(4 * second + wait);
    expect(since).toBeLessThanOrEqual(5 * second + wait + round + 5 * second + unreachable.blind + gone.blind);
    const { notes } = (await dbns(['heal', 'g', '--json'])).json as { notes: readonly string[] };
    expect(notes.length).toBeLessThanOrEqual(1);
    await dbns(['restart', 'g', 'node3']);
    await dbns(['wait', 'g', '--timeout', '5m']);
  }
});

describe.each([MARIADB, MYSQL])('a replica of %s', (image) => {
  test('misses a silent source after its net timeout', { skip: !hasImages(image) }, async () => {
    await createReplication(image, ['r', '--nodes', '2']);
    const socket = socketOf('r', 'node2');
    const isOld = image === MARIADB;
    const [show, status, word] = isOld
      ? ['SHOW SLAVE STATUS', 'Slave_IO_Running', 'SLAVE']
      : ['SHOW REPLICA STATUS', 'Replica_IO_Running', 'REPLICA'];
    const variable = isOld ? 'slave_net_timeout' : 'replica_net_timeout';
    for (const [timeout, heartbeat] of THOROUGH
      ? [
          [4, 1],
          [8, 2],
          [4, 1],
        ]
      : [[4, 1]]) {
      await query(socket, `STOP ${word}`);
      await query(socket, `SET GLOBAL ${variable} = ${timeout}`);
      await query(
        socket,
        isOld
          ? `CHANGE MASTER TO MASTER_HEARTBEAT_PERIOD = ${heartbeat}`
          : `CHANGE REPLICATION SOURCE TO SOURCE_HEARTBEAT_PERIOD = ${heartbeat}`,
      );
      await query(socket, `START ${word}`);
      await expect.poll(async () => (await query(socket, show))[0]?.[status]).toBe('Yes');
      const [row] = await query(socket, `SELECT @@GLOBAL.${variable} AS seconds`);
      const net = Number(row?.seconds) * second;
      const onset = await onsetOf(() => partition('r', '--side', 'node1', '--side', 'node2'), {
        ...{ socket, sql: show, is: (rows) => rows[0]?.[status] !== 'Yes' },
      });
      expectWithin(onset, net - Number(heartbeat) * second, net + second);
      await healWhole('r');
    }
  });
});

describe.each([10_000, 4000])('a set with electionTimeoutMillis %s', (asked) => {
  test('its primary without a majority steps down, and the others elect another', needsMongod, async () => {
    await createMongo(['m', '--nodes', '3']);
    await setTimeouts(atSocket(nodeOf(await statusOf('m'), 'node1')), asked);
    for (let turn = 0; turn < RUNS; turn++) {
      const { nodes } = await statusOf('m');
      const primary = nodes.find(({ role }) => role === 'primary');
      const others = nodes.filter(({ role }) => role === 'secondary');
      if (primary === undefined) throw new Error('there is no primary');
      const { election, heartbeat } = await timeoutsOf(atSocket(others[0] ?? primary));
      expect(election).toBe(asked);
      const parted = partition('m', '--isolate', primary.name);
      const [down, elected] = await Promise.all([
        onsetBy(
          () => parted,
          async () => !(await isPrimary(primary)),
        ),
        onsetBy(
          () => parted,
          async () => (await Promise.all(others.map(isPrimary))).includes(true),
        ),
      ]);
      // The last heartbeat may be as old as one takes to come.
      expectWithin(down, election - heartbeat, 1.5 * election + heartbeat);
      expectWithin(elected, election - heartbeat, 1.5 * election + heartbeat);
      await healWhole('m');
    }
  });

  const isPrimary = async (node: NodeView) => (await admin(atSocket(node), { replSetGetStatus: 1 })).myState === 1;
  const configOf = async (uri: string) =>
    (await admin(uri, { replSetGetConfig: 1 })).config as { version: number; settings: Record<string, number> };
  const timeoutsOf = async (uri: string) => {
    const { electionTimeoutMillis, heartbeatIntervalMillis } = (await configOf(uri)).settings;
    return { election: Number(electionTimeoutMillis), heartbeat: Number(heartbeatIntervalMillis) };
  };
  const setTimeouts = async (uri: string, electionTimeoutMillis: number) => {
    const { version, settings, ...config } = await configOf(uri);
    const wanted = { ...config, version: version + 1, settings: { ...settings, electionTimeoutMillis } };
    await admin(uri, { replSetReconfig: wanted });
  };
});
