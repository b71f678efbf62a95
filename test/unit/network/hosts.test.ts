import { describe, expect, test } from 'vitest';
import { hostsFile, hostsStep, reachableResolvers, resolvConf } from '../../../src/network/hosts.js';
import { nodeOf, sampleCluster, zonedCluster } from '../../fakes/cluster.js';
import { fakeMachine } from '../../fakes/machine.js';

const STUB = 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch lan\n';

test('hosts names the gateway and all nodes', () => {
  const cluster = sampleCluster(2);
  expect(hostsFile(cluster, nodeOf(cluster))).toBe(
    '# dbns:a1b2c3d4 east\n127.0.0.1 localhost\n10.200.0.1 gateway\n10.200.0.2 node1\n10.200.0.3 node2\n',
  );
});

test('hosts names the gateway of the zone', () => {
  const zoned = zonedCluster(2, 2);
  expect(hostsFile(zoned, nodeOf(zoned, 2))).toContain(
    '\n10.200.0.129 gateway\n10.200.0.2 node1\n10.200.0.130 node2\n',
  );
});

describe('reachableResolvers', () => {
  test.each([
    ['loopback', 'nameserver 127.0.0.1\nnameserver 127.0.0.53\n', []],
    ['IPv6, which nodes do not have', 'nameserver ::1\nnameserver fe80::1%eth0\nnameserver 2001:db8::1\n', []],
    ['comments and other words', '# nameserver 9.9.9.9\n;nameserver 9.9.9.9\nsearch lan\noptions ndots:2\n', []],
    ['a name', 'nameserver dns.example\n', []],
  ])('leaves out %s', (_, text, expected) => {
    expect(reachableResolvers(text)).toEqual(expected);
  });

  test('keeps the others, three at most', () => {
    const text =
      '  nameserver 10.0.0.1 \nnameserver\t10.0.0.2\nnameserver 127.0.0.1\nnameserver 3.3.3.3\nnameserver 4.4.4.4\n';
    expect(reachableResolvers(text)).toEqual(['nameserver 10.0.0.1', 'nameserver\t10.0.0.2', 'nameserver 3.3.3.3']);
  });
});

describe('resolvConf', () => {
  test("is the machine's own where a namespace can reach it", () => {
    expect(resolvConf(fakeMachine({ files: { '/etc/resolv.conf': 'nameserver 192.168.1.1\n' } }))).toBe(
      'nameserver 192.168.1.1\noptions timeout:1 attempts:2\n',
    );
  });

  test('is what stands behind the stub of systemd-resolved', () => {
    const files = { '/etc/resolv.conf': STUB, '/run/systemd/resolve/resolv.conf': 'nameserver 9.9.9.9\nsearch lan\n' };
    expect(resolvConf(fakeMachine({ files }))).toBe('nameserver 9.9.9.9\noptions timeout:1 attempts:2\n');
  });

  test('is empty where there is none', () => {
    expect(resolvConf(fakeMachine())).toBe('');
    expect(resolvConf(fakeMachine({ files: { '/etc/resolv.conf': STUB } }))).toBe('');
  });
});

describe('hostsStep', () => {
  const machine = fakeMachine({ files: { '/etc/resolv.conf': 'nameserver 192.168.1.1\n' } });
  const contents = (uplinks: readonly string[]) => {
    const cluster = sampleCluster(1);
    const step = hostsStep(machine, { ...cluster, network: { ...cluster.network, uplinks } }, nodeOf(cluster));
    expect(step.makes).toEqual([{ kind: 'directory', path: '/etc/netns/dbns-east-node1' }]);
    return step.acts.map((act) => (act.do === 'write' ? [act.path, act.content] : [act.do]));
  };

  test('marks the directory before anything else is in it', () => {
    expect(contents(['eth0'])).toEqual([
      ['mkdir'],
      [
        '/etc/netns/dbns-east-node1/hosts',
        '# dbns:a1b2c3d4 east\n127.0.0.1 localhost\n10.200.0.1 gateway\n10.200.0.2 node1\n',
      ],
      ['/etc/netns/dbns-east-node1/resolv.conf', 'nameserver 192.168.1.1\noptions timeout:1 attempts:2\n'],
    ]);
  });

  test('gives an internal network no resolver, so that no look-up waits for one', () => {
    expect(contents([]).at(-1)).toEqual(['/etc/netns/dbns-east-node1/resolv.conf', '']);
  });
});
