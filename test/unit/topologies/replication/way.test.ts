import { describe, expect, test } from 'vitest';
import { readBinlogInfo, readSlaveInfo, stateAfter } from '../../../../src/topologies/replication/growth/backup.js';
import { sourcesOf, type Shape } from '../../../../src/topologies/replication/shapes.js';
import { assertCopyable, gapIn, waysOf } from '../../../../src/topologies/replication/growth/way.js';
import {
  MARIADB,
  MARIADB_11_8,
  MYSQL_9_7,
  nodeServer,
  sampleCluster,
  sampleSetting,
  without,
} from '../../../fakes/cluster.js';
import type { ServerBuild } from '../../../../src/cluster/server.js';

const WHOLE = { firstLog: 'binlog.000001', before: '' };
const PURGED = { firstLog: 'binlog.000007', before: '0-1-99' };

test.each([
  [WHOLE, null],
  [PURGED, 'its binary logs begin with binlog.000007 by now'],
  [{ firstLog: 'binlog.000001', before: '0-1-5' }, 'its binary logs begin after 0-1-5'],
  [{ firstLog: 'binlog.0000001', before: '' }, null],
  [{ firstLog: 'binlog.000011', before: '' }, 'its binary logs begin with binlog.000011 by now'],
])('what %j lacks', (past, gap) => {
  expect(gapIn(past)).toBe(gap);
});

describe('waysOf', () => {
  const ways = (
    shape: Shape,
    pasts: Readonly<Record<string, typeof WHOLE>>,
    { gtid = true, newcomers = ['node4'] as readonly string[] } = {},
  ) => {
    const sources = sourcesOf(shape, ['node1', 'node2', 'node3', ...newcomers]);
    const own = Object.fromEntries(Object.entries(sources).map(([name, from]) => [name, [...from]]));
    return Object.fromEntries(waysOf({ shape, gtid, sources: own }, newcomers, new Map(Object.entries(pasts))));
  };

  test('whoever had its number before is copied: of a log it would leave out what it wrote itself', () => {
    const sources = { node1: [], node2: ['node1'] };
    const found = waysOf({ shape: 'star', gtid: true, sources }, ['node2'], new Map([['node1', WHOLE]]), ['node2']);
    expect(found.get('node2')).toMatchObject({ do: 'copy', of: 'node1' });
  });

  test('who gathers replays, or is a copy of the one source that does not reach back; of two it can be none', () => {
    const sources = { node1: [], node2: [], node3: ['node1', 'node2'] };
    const of = (node1: typeof WHOLE, node2: typeof WHOLE) =>
      waysOf({ shape: 'fan-in', gtid: true, sources }, ['node3'], new Map(Object.entries({ node1, node2 })), ['node3']);
    expect(of(WHOLE, WHOLE).get('node3')).toEqual({ do: 'replay' });
    expect(of(WHOLE, PURGED).get('node3')).toMatchObject({ do: 'copy', of: 'node2' });
    expect(() => of(PURGED, PURGED)).toThrow('node3 gathers what several have, and can be a copy of one alone');
  });

  test('all is replayed where it is there', () => {
    expect(ways('star', { node1: WHOLE })).toEqual({ node4: { do: 'replay' } });
    expect(ways('star', { node1: WHOLE }, { gtid: false })).toEqual({ node4: { do: 'replay' } });
  });

  test('else the source is copied, and who replicates from a copy gets one of it', () => {
    const newcomers = ['node4', 'node5'];
    expect(ways('chain', { node3: PURGED }, { newcomers })).toEqual({
      node4: {
        ...{ do: 'copy', of: 'node3' },
        because: 'of node3 not all can be replayed, its binary logs begin with binlog.000007 by now',
      },
      node5: { do: 'copy', of: 'node4', because: 'of node4 not all can be replayed, it is a copy itself' },
    });
  });

  test('of several sources each must have all, and the first is copied', () => {
    const newcomers = ['node4', 'node5'];
    expect(ways('all-masters', { node1: WHOLE, node2: PURGED, node3: WHOLE }, { newcomers })).toMatchObject({
      node4: { do: 'copy', of: 'node1' },
      node5: { do: 'copy', of: 'node1' },
    });
    const whole = { node1: WHOLE, node2: WHOLE, node3: WHOLE };
    expect(ways('all-masters', whole, { newcomers })).toEqual({ node4: { do: 'replay' }, node5: { do: 'replay' } });
  });

  test('all masters without GTIDs can only be copied: a row may come before its table', () => {
    const whole = { node1: WHOLE, node2: WHOLE, node3: WHOLE };
    expect(ways('all-masters', whole, { gtid: false })).toMatchObject({ node4: { do: 'copy', of: 'node1' } });
  });
});

describe('assertCopyable', () => {
  const check = (ours: ServerBuild, theirs: ServerBuild, uncloned: string | null = null) => {
    const setting = sampleSetting(sampleCluster(2, { topology: 'replication' }));
    const servers = new Map([
      ['node1', nodeServer(theirs)],
      ['node2', nodeServer(ours)],
    ]);
    assertCopyable({ ...setting, servers }, 'node2', 'node1', { ...WHOLE, uncloned });
  };
  const withBackup = { ...MARIADB, programs: { ...MARIADB.programs, backup: '/usr/bin/mariadb-backup' } };

  test('a server of another series takes no copy', () => {
    expect(() => {
      check(MARIADB_11_8, withBackup);
    }).toThrow("node2 needs a copy of node1, and mariadb 11.8.6 can't take one of mariadb 10.11.19.");
  });

  test('MariaDB needs the program, MySQL the plugin', () => {
    check(withBackup, withBackup);
    expect(() => {
      check(withBackup, without(withBackup, 'backup'));
    }).toThrow('has no mariadb-backup');
    check(MYSQL_9_7, MYSQL_9_7);
    expect(() => {
      check(MYSQL_9_7, MYSQL_9_7, 'an earlier dbns made it without the clone plugin, and it is read-only');
    }).toThrow('node2 needs a copy of node1: an earlier dbns made it without the clone plugin');
  });
});

describe('what mariadb-backup says', () => {
  test('the position of the copy', () => {
    expect(readBinlogInfo('binlog.000002\t586\t0-1-7\n')).toEqual({
      ...{ file: 'binlog.000002', position: 586, gtids: '0-1-7' },
    });
    expect(readBinlogInfo('binlog.000001\t330\t\n').gtids).toBe('');
    expect(readBinlogInfo('b.1\t9\t1-1-4,2-2-9\n').gtids).toBe('1-1-4,2-2-9');
  });

  test('the positions of its channels, of which one has no name', () => {
    const text = `CHANGE MASTER 'node2' TO MASTER_LOG_FILE='binlog.000001', MASTER_LOG_POS=695;
CHANGE MASTER TO MASTER_LOG_FILE='binlog.000003', MASTER_LOG_POS=4;
`;
    expect(Object.fromEntries(readSlaveInfo(text))).toEqual({
      node2: { file: 'binlog.000001', position: 695 },
      '': { file: 'binlog.000003', position: 4 },
    });
  });
});

test('what a backup has of those who were primaries before its source', () => {
  expect(stateAfter('0-2-4,0-1-5', '0-1-7')).toBe('0-2-4,0-1-7');
  expect(stateAfter('0-1-3,1-2-9', '0-2-4,1-2-9')).toBe('0-1-3,0-2-4,1-2-9');
  expect(stateAfter('', '0-1-1')).toBe('0-1-1');
});
