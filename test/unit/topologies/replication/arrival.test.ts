import { expect, test } from 'vitest';
import { assertGoesOn } from '../../../../src/topologies/replication/arrival.js';
import { readChannel } from '../../../../src/topologies/replication/state.js';

const link = { replica: 'node2', source: 'node1', channel: '' };
const check = (receiver: string, applier: string, number = 0) => {
  const row = { Replica_IO_Running: receiver, Replica_SQL_Running: applier, Last_SQL_Errno: number };
  return () => {
    assertGoesOn(readChannel({ ...row, Last_SQL_Error: 'Duplicate entry' }), link);
  };
};

test('what an error has stopped is not waited for; what somebody stopped, or what tries again, is', () => {
  expect(check('Yes', 'No', 1062)).toThrow('node2 does not replicate from node1: 1062 Duplicate entry.');
  for (const waits of [check('Yes', 'Yes'), check('Yes', 'No'), check('Connecting', 'Yes', 2003)])
    expect(waits).not.toThrow();
});
