import { expect, test } from 'vitest';
import { gtidsIn } from '../../../../src/topologies/replication/loss.js';

test('the GTIDs in what mysqlbinlog prints', () => {
  const text = `SET @@SESSION.GTID_NEXT= '10d8f00e-e5b6-11f1-9fb8-02db0ac80002:9'/*!*/;
# at 1234
SET @@SESSION.GTID_NEXT= '10d8f00e-e5b6-11f1-9fb8-02db0ac80002:tag:10'/*!*/;
SET @@SESSION.GTID_NEXT= 'AUTOMATIC' /* added by mysqlbinlog */ /*!*/;`;
  expect(gtidsIn('mysql', text)).toEqual([
    '10d8f00e-e5b6-11f1-9fb8-02db0ac80002:9',
    '10d8f00e-e5b6-11f1-9fb8-02db0ac80002:tag:10',
  ]);
});

test('the GTIDs in what mariadb-binlog prints', () => {
  const text = `#261121 14:00:00 server id 1  end_log_pos 520 CRC32 0x0 	GTID 0-1-9 trans
#261121 14:00:00 server id 1  end_log_pos 290 CRC32 0x0 	Gtid list [0-1-8]
#261121 14:00:00 server id 1  end_log_pos 720 CRC32 0x0 	GTID 0-1-10 ddl`;
  expect(gtidsIn('mariadb', text)).toEqual(['0-1-9', '0-1-10']);
});
