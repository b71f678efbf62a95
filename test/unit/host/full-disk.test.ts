import { expect, test } from 'vitest';
import { MachineError } from '../../../src/errors/errors.js';
import { fullDisk } from '../../../src/host/full-disk.js';

// Recorded from coreutils 9.1, MariaDB 10.11.19, MySQL 9.7.4 and Galera 26.4.23 on a full disk; mongod's as its source has it.
test.each([
  "cp: error writing '/var/lib/dbns/clusters/east/node1/data/ibdata1': No space left on device",
  "[ERROR] WSREP: Requested size 8389912 for 'data//galera.cache' exceeds available storage space 0",
  '[ERROR] mysqld: Disk is full writing ./x (Errcode: 28 "No space left on device")',
  "[ERROR] [MY-012267] [InnoDB] Error number 28 means 'No space left on device'",
  '{"s":"E","c":"STORAGE","msg":"WiredTiger error","attr":{"error":28,"message":"No space left on device"}}',
])('%s', (line) => {
  const failure = fullDisk(`a line before\n${line}\na line after\n`);
  expect(failure).toBeInstanceOf(MachineError);
  expect(failure?.message).toBe(`No space is left on the disk:\n  ${line}`);
});

test.each(['', 'InnoDB: 128 rollback segments are active.', '[ERROR] Error: 280', 'error 1428'])('not %j', (text) => {
  expect(fullDisk(text)).toBeNull();
});
