import { expect, test } from 'vitest';
import type { Subnet } from '../../../../src/cluster/subnet.js';
import { judgeImages } from '../../../../src/lifecycle/doctor/images.js';
import { cpusIn, judgeAio, judgeDisk, judgeMemory, readAvailable } from '../../../../src/lifecycle/doctor/room.js';
import { sizeInWords } from '../../../../src/lifecycle/doctor/size.js';
import { judgeSubnets } from '../../../../src/lifecycle/doctor/subnets.js';
import { judgeResolvers, judgeUplink } from '../../../../src/lifecycle/doctor/uplink.js';
import { readCidr } from '../../../../src/cluster/subnet.js';

function subnet(text: string): Subnet & { readonly text: string } {
  const read = readCidr(text);
  if (read === null) throw new Error(text);
  return { ...read, text: `the route ${text}` };
}

const POOL = subnet('10.200.0.0/16');

test('all networks of the pool are free', () => {
  expect(judgeSubnets(POOL, [subnet('192.168.1.0/24')], [])).toMatchObject({
    state: 'ok',
    found: '256 of 256 networks (/24) of 10.200.0.0/16 are free',
  });
});

test('routes in the pool are named; those of clusters only count', () => {
  const { state, found } = judgeSubnets(
    POOL,
    [subnet('10.200.0.0/25'), subnet('10.200.7.0/24')],
    [subnet('10.200.7.0/24')],
  );
  expect(state).toBe('ok');
  expect(found).toMatch(/^254 of 256 .*; in the way: the route 10\.200\.0\.0\/25$/);
});

test.each([
  ['10.200.0.0/16', 'problem'],
  ['10.0.0.0/8', 'problem'],
  ['10.200.0.0/17', 'ok'],
])('a route %s over the pool', (text, state) => {
  expect(judgeSubnets(POOL, [subnet(text)], []).state).toBe(state);
});

test('a route over the pool and over a cluster in it is named, and what is free instead', () => {
  const check = judgeSubnets(POOL, [subnet('10.200.0.0/24'), subnet('10.0.0.0/8')], [subnet('10.200.0.0/24')]);
  expect(check.found).toMatch(/^0 of 256 .*; in the way: the route 10\.0\.0\.0\/8$/);
  expect(check.advice).toEqual(['--subnet 172.30.0.0/24, which is free', 'dbns list']);
});

test('a pool that is nearly full is a warning', () => {
  const own = Array.from({ length: 254 }, (_, index) => subnet(`10.200.${index}.0/24`));
  expect(judgeSubnets(POOL, [], own)).toMatchObject({ state: 'warning', advice: ['dbns list'] });
});

test('the uplink, or none', () => {
  expect(judgeUplink(['eth0', 'wlan0'])).toMatchObject({ state: 'ok', found: 'nodes get out by eth0, wlan0' });
  expect(judgeUplink([]).state).toBe('warning');
});

test('resolvers, or none but on loopback', () => {
  expect(judgeResolvers('nameserver 10.0.0.1\nnameserver 10.0.0.2\n').found).toBe('10.0.0.1, 10.0.0.2');
  expect(judgeResolvers('').state).toBe('warning');
});

test('available memory in /proc/meminfo', () => {
  expect(readAvailable('MemTotal:  100 kB\nMemAvailable:   24 kB\n')).toBe(24 * 1024);
  expect(readAvailable('MemTotal:  100 kB\n')).toBeNull();
});

test.each([
  [100e6, 'problem'],
  [300e6, 'warning'],
  [2e9, 'ok'],
])('%i bytes of memory', (bytes, state) => {
  expect(judgeMemory(bytes).state).toBe(state);
});

test('how many nodes fit into memory', () => {
  expect(judgeMemory(2.25e9).found).toBe('2.3 GB available: room for 20 more nodes of 110 MB');
});

// Measured: four servers of MySQL 9.7 on two CPUs took 9220.
test.each([
  [0, 65536, 2, 'ok', '0 of 65536 requests taken (fs.aio-max-nr): room for 28 more nodes of MySQL, 2305 each'],
  [9220, 65536, 2, 'ok', '9220 of 65536 requests taken (fs.aio-max-nr): room for 24 more nodes of MySQL, 2305 each'],
  [
    60000,
    65536,
    2,
    'warning',
    '60000 of 65536 requests taken (fs.aio-max-nr): room for 2 more nodes of MySQL, 2305 each',
  ],
  [
    70000,
    65536,
    2,
    'warning',
    '70000 of 65536 requests taken (fs.aio-max-nr): room for 0 more nodes of MySQL, 2305 each',
  ],
  [0, 65536, 32, 'ok', '0 of 65536 requests taken (fs.aio-max-nr): room for 12 more nodes of MySQL, 5377 each'],
])('%i of %i asynchronous requests, %i CPUs', (taken, most, cpus, state, found) => {
  expect(judgeAio(taken, most, cpus)).toMatchObject([{ state, found }]);
});

test('a kernel without asynchronous I/O is not looked at', () => {
  expect(judgeAio(NaN, NaN, 2)).toEqual([]);
  expect(cpusIn('processor\t: 0\nmodel name: x\nprocessor\t: 1\n')).toBe(2);
});

test.each([
  [30e6, 'problem'],
  [400e6, 'warning'],
  [20e9, 'ok'],
])('%i bytes of disk', (bytes, state) => {
  expect(judgeDisk(bytes, '/var/lib/dbns').state).toBe(state);
});

test('sizes', () => {
  expect([0, 84e6, 999.6e6, 1.25e9].map(sizeInWords)).toEqual(['0 MB', '84 MB', '1.0 GB', '1.3 GB']);
});

test('images: none, whole, damaged', () => {
  const whole = { ref: 'mariadb:11.8', state: { size: 366e6 } };
  const damaged = { ref: 'mariadb:10.11', state: { damage: 'it has no image.json' } };
  expect(judgeImages([])).toMatchObject([{ state: 'warning', advice: ['dbns image pull mariadb:10.11'] }]);
  expect(judgeImages([whole])).toMatchObject([{ state: 'ok', found: 'mariadb:11.8 (366 MB)' }]);
  expect(judgeImages([whole, damaged])).toMatchObject([
    { state: 'ok' },
    { state: 'problem', advice: ['dbns image pull --force mariadb:10.11'] },
  ]);
});
