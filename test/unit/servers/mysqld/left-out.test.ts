import { describe, expect, test } from 'vitest';
import { withoutOrigin } from '../../../../src/servers/mysqld/left-out.js';

/** As mysqldump 9.7 begins with --source-data. */
const MYSQL = `SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;
SET @@SESSION.SQL_LOG_BIN= 0;

SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'f2303fc4-e9e9-11f1-9b81-02db0ac80002:1-68,
f2303fc4-e9e9-11f1-9b81-02db0ac80003:1-2';
CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE='binlog.000001', SOURCE_LOG_POS=10263143;
CREATE DATABASE shop;
`;

describe('what a dump says of the server that it is of', () => {
  test('is left out, and the lines keep their numbers', () => {
    const { text, leftOut } = withoutOrigin(MYSQL);
    expect(text.split('\n')).toEqual([
      'SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;',
      ...['', '', '', '', ''],
      'CREATE DATABASE shop;',
      '',
    ]);
    expect(leftOut.map(({ line }) => line)).toEqual([2, 4, 6]);
    expect(leftOut[0]?.statement).toBe('SET @@SESSION.SQL_LOG_BIN= 0;');
    expect(leftOut[1]?.statement).toMatch(/^SET @@GLOBAL\.GTID_PURGED=.*…$/);
  });

  test('by MariaDB too', () => {
    const text = "CHANGE MASTER TO MASTER_USE_GTID=slave_pos;\nSET GLOBAL gtid_slave_pos='0-1-2';\nUSE shop;\n";
    expect(withoutOrigin(text).text).toBe('\n\nUSE shop;\n');
  });

  test('is not what stands in a comment or in a row', () => {
    const text = "-- CHANGE MASTER TO MASTER_LOG_POS=1;\nINSERT INTO t VALUES ('SET @@SESSION.SQL_LOG_BIN= 0;');\n";
    expect(withoutOrigin(text)).toEqual({ text, leftOut: [] });
  });
});
