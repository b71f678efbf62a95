import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Row } from '../../../../src/servers/mysqld/client.js';
import { hasReached, readChannel, stoppedIn, type ChannelState } from '../../../../src/topologies/replication/state.js';
import { wordsOf } from '../../../../src/topologies/replication/words.js';

/** Rows as MySQL 9.7.4 and MariaDB 10.11.19 gave them. */
const recorded = (name: string) =>
  JSON.parse(readFileSync(path.join(import.meta.dirname, `recorded/${name}.json`), 'utf8')) as Row[];
const channels = (name: string) => recorded(name).map((row) => readChannel(row));

describe.each(['mysql', 'mariadb'])('readChannel of %s', (family) => {
  test('a running replica', () => {
    expect(channels(`${family}-running`)).toEqual([
      expect.objectContaining({
        ...{
          channel: '',
          address: '10.200.0.2',
          receiver: 'Yes',
          applier: 'Yes',
          error: null,
          secondsBehind: 0,
          delay: 0,
        },
        readTo: { file: 'binlog.000001', position: expect.any(Number) as number },
      }),
    ]);
  });

  test('one whose applier stopped at a database that it had already', () => {
    const [channel] = channels(`${family}-duplicate`);
    expect(channel).toMatchObject({ receiver: 'Yes', applier: 'No', secondsBehind: null });
    expect(channel?.error).toMatch(family === 'mysql' ? /^1007 Coordinator stopped/ : /^1950 /);
  });

  test('a fan-in, a channel for each source', () => {
    expect(channels(`${family}-fan-in`).map(({ channel, address }) => [channel, address])).toEqual([
      ['node1', '10.200.0.2'],
      ['node2', '10.200.0.3'],
    ]);
  });
});

test("a worker's words on its error go before those of its coordinator", () => {
  const [row = {}] = recorded('mysql-duplicate');
  const worker = {
    channel: '',
    seconds: null,
    error: "Worker 1 failed …; Can't create database 'dup'; database exists",
  };
  expect(readChannel(row, [worker]).error).toBe(`1007 ${worker.error}`);
});

test('the lag of the workers goes before that of the server', () => {
  const [row = {}] = recorded('mysql-running');
  expect(readChannel(row, [{ channel: '', seconds: '2.4567' }]).secondsBehind).toBe(2.5);
  expect(readChannel(row, [{ channel: 'node9', seconds: '2.4' }]).secondsBehind).toBe(0);
});

test.each(['mysql', 'mariadb'])('stoppedIn: of %s, why a channel does not go on by itself', (family) => {
  const [running] = channels(`${family}-running`);
  if (running === undefined) throw new Error('no row');
  const connecting = { receiver: 'Connecting', error: '2003 Can’t connect' };
  expect([running, { ...running, ...connecting }].map(stoppedIn)).toEqual([null, null]);
  expect(stoppedIn({ ...running, applier: 'No' })).toBe('its applier is stopped');
  expect(stoppedIn({ ...running, receiver: 'No', error: '1236 purged' })).toBe('1236 purged');
});

describe('hasReached', () => {
  const channel = (changes: Partial<ChannelState>): ChannelState => ({
    ...{
      channel: '',
      address: '',
      receiver: 'Yes',
      applier: 'Yes',
      error: null,
      secondsBehind: 0,
      delay: 0,
      received: '',
    },
    readTo: { file: 'binlog.000002', position: 500 },
    appliedTo: { file: 'binlog.000002', position: 300 },
    ...changes,
  });
  const mariadb = wordsOf({ dialect: 'mariadb', version: '10.11.19' });
  const mysql = wordsOf({ dialect: 'mysql', version: '9.7.4' });
  if (mariadb === null || mysql === null) throw new Error('no words');

  test.each([
    [{ file: 'binlog.000002', position: 500 }, true, false],
    [{ file: 'binlog.000002', position: 300 }, true, true],
    [{ file: 'binlog.000001', position: 999 }, true, true],
    [{ file: 'binlog.000003', position: 4 }, false, false],
    [{ file: 'binlog.1000000', position: 4 }, false, false],
  ])('the position %j: received %s, applied %s', (position, received, applied) => {
    const state = { words: mysql, executed: '' };
    expect(hasReached(state, channel({}), position, 'received')).toBe(received);
    expect(hasReached(state, channel({}), position, 'applied')).toBe(applied);
  });

  test('GTIDs that wait in the relay log are received and not applied', () => {
    const uuid = '2f1cb7aa-e5b6-11f1-977f-02db0ac80003';
    const cases = [
      [mysql, `${uuid}:1-5`, `${uuid}:6-9`, `${uuid}:1-9`],
      [mariadb, '0-1-5', '0-1-9', '0-1-9'],
    ] as const;
    for (const [words, executed, received, gtids] of cases) {
      expect(hasReached({ words, executed }, channel({ received }), { gtids }, 'received')).toBe(true);
      expect(hasReached({ words, executed }, channel({ received }), { gtids }, 'applied')).toBe(false);
    }
  });
});
