import { expect, test } from 'vitest';
import type { Machine } from '../../../src/host/machine.js';
import { carryOver, carryOverStep } from '../../../src/servers/carry-over.js';
import { nodeOf, sampleCluster } from '../../fakes/cluster.js';

const before = '[mysqld]\nport = 3306\nmembers = a,b\n';
const after = '[mysqld]\nport = 3306\nmembers = a,b,c\n';

test('what changed between two renderings comes into the file; what somebody wrote into it stays', () => {
  const present = '[mysqld]\nport = 3306\nmembers = a,b\nmax_connections = 7\n';
  expect(carryOver(before, after, present)).toBe('[mysqld]\nport = 3306\nmembers = a,b,c\nmax_connections = 7\n');
});

test('a line that somebody changed is left as it is', () => {
  const present = '[mysqld]\nmembers = x\n';
  expect(carryOver(before, after, present)).toBe(present);
});

test('once more, nothing happens', () => {
  expect(carryOver(before, after, after)).toBe(after);
});

const replica = '# node1, replica.\n[mysqld]\nlog_bin = binlog\n\ngtid_mode = ON\nsuper_read_only = ON\nacks = OFF\n';
const primary = '# node1, primary.\n[mysqld]\nlog_bin = binlog\n\ngtid_mode = ON\nacks = ON\n';

test.each([
  ['a line goes', replica, primary],
  ['a line comes, at its place', primary, replica],
])('%s', (_, former, now) => {
  expect(carryOver(former, now, former)).toBe(now);
  expect(carryOver(former, now, now)).toBe(now);
  expect(carryOver(former, now, `${former}max_connections = 7\n`)).toBe(`${now}max_connections = 7\n`);
});

test('a line comes also where the one before it was taken away, and not where its option was set otherwise', () => {
  const without = primary.replace('gtid_mode = ON\n', '');
  expect(carryOver(primary, replica, without)).toContain('super_read_only = ON');
  const own = primary.replace('acks', 'super-read-only = OFF\nacks');
  expect(carryOver(primary, replica, own)).toBe(own.replace('primary', 'replica').replace('acks = ON', 'acks = OFF'));
});

test('a file that an interrupted change left is brought up to date too', () => {
  const files = { read: () => primary };
  const step = carryOverStep(
    { files } as unknown as Machine,
    nodeOf(sampleCluster()),
    'my.cnf',
    [replica, primary],
    replica,
  );
  expect(step.acts).toMatchObject([{ do: 'write', content: replica }]);
});
