import { describe, expect, test } from 'vitest';
import {
  addressesOf,
  anyAddress,
  atPort,
  familiesOf,
  ipv6Of,
  ipv6Prefix,
  plainIpv6,
  shareAddresses,
} from '../../../src/cluster/family.js';
import { sampleCluster, withIpv6, zonedCluster } from '../../fakes/cluster.js';

const { network } = withIpv6(sampleCluster());

describe('a network with IPv6', () => {
  test('has a unique local /64 out of the id of its cluster', () => {
    expect(ipv6Prefix('a1b2c3d4')).toBe('fddb:a1b2:c3d4::/64');
    expect(ipv6Prefix('00000001')).toBe('fddb:0:1::/64');
  });

  test.each([
    ['10.200.0.0/24', '10.200.0.15', 'fddb:a1b2:c3d4::15', 'fe80::15/64'],
    ['10.200.0.64/26', '10.200.0.66', 'fddb:a1b2:c3d4::66', 'fe80::66/64'],
    ['10.50.0.0/16', '10.50.1.2', 'fddb:a1b2:c3d4::1:2', 'fe80::1:2/64'],
    ['10.0.0.0/8', '10.250.0.1', 'fddb:a1b2:c3d4::250:0:1', 'fe80::250:0:1/64'],
  ])('of %s has %s as %s too', (subnet, address, wanted, linkLocal) => {
    const zones = [{ name: null, subnet, gateway: '', bridge: 'br0' }];
    const [, ipv6] = familiesOf({ subnet, zones, ipv6: 'fddb:a1b2:c3d4::/64' });
    expect([ipv6?.addressOf(address), ipv6?.linkLocal(address)]).toEqual([wanted, [linkLocal]]);
  });

  test('has zones that are told by their letter, and lie in the one prefix', () => {
    const zoned = withIpv6(zonedCluster(4, 3)).network;
    const [, ipv6] = familiesOf(zoned);
    const subnets = zoned.zones.map((zone) => ipv6?.subnetOf(zone) ?? '');
    expect(subnets).toEqual(['a', 'b', 'c'].map((letter) => `fddb:a1b2:c3d4:0:${letter}::/80`));
    expect(subnets.every((subnet) => shareAddresses(subnet, ipv6?.subnet ?? ''))).toBe(true);
    expect(shareAddresses(subnets[0] ?? '', subnets[1] ?? '')).toBe(false);
    expect(ipv6Of(zoned, { address: '10.200.0.66' })).toBe('fddb:a1b2:c3d4:0:b::66');
  });

  test('gives a host both, and servers all of both', () => {
    expect(addressesOf(network, { address: '10.200.0.2' })).toEqual(['10.200.0.2', 'fddb:a1b2:c3d4::2']);
    expect([anyAddress(network), anyAddress(sampleCluster().network)]).toEqual(['*', '0.0.0.0']);
    expect(ipv6Of(sampleCluster().network, { address: '10.200.0.2' })).toBeNull();
  });
});

test.each([
  ['fd00::/8', 'fddb:1::/64', true],
  ['fddb:1::5', 'fddb:1::/64', true],
  ['fddb:1:0:1::/64', 'fddb:1::/64', false],
  ['10.0.0.0/8', 'fddb:1::/64', false],
  ['default', 'fddb:1::/64', false],
])('%s and %s have addresses in common: %s', (one, other, wanted) => {
  expect(shareAddresses(one, other)).toBe(wanted);
});

test('an address of IPv6 stands in brackets before a port, and is written in one way', () => {
  expect([atPort('10.0.0.1', 1), atPort('fddb::1', 1)]).toEqual(['10.0.0.1:1', '[fddb::1]:1']);
  expect(['FDDB:1:0:0:0:0:0:2', 'node1', '10.0.0.1'].map(plainIpv6)).toEqual(['fddb:1::2', 'node1', '10.0.0.1']);
});
