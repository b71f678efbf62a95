import { describe, expect, test } from 'vitest';
import { nodeNames } from '../../../src/cluster/cluster.js';
import { readCidr } from '../../../src/cluster/subnet.js';
import type { Zone } from '../../../src/cluster/zone.js';
import { ConflictError, UsageError } from '../../../src/errors/errors.js';
import { allocateAddresses, allocateNetwork, giveBack, type NetworkWish } from '../../../src/network/allocate.js';
import type { NetworkObservation, TakenSubnet } from '../../../src/network/observe.js';
import { sampleCluster } from '../../fakes/cluster.js';

const taken = (cidr: string, text: string): TakenSubnet => ({ ...(readCidr(cidr) ?? { base: 0, prefix: 0 }), text });

const observation = (...routes: TakenSubnet[]): NetworkObservation => ({
  ...{ taken: routes, uplinks: ['eth0'], links: [], namespaces: [], tables: [], chains: [] },
  ...{ droppingForwardChains: [], takenIpv6: [] },
});

const wish = { clusterId: 'a1b2c3d4', nodes: 3 };

function failureOf(asked: NetworkWish, routes: NetworkObservation, saved: readonly TakenSubnet[] = []): ConflictError {
  try {
    allocateNetwork(asked, routes, saved);
  } catch (error) {
    if (error instanceof ConflictError) return error;
  }
  throw new Error('no conflict');
}

describe('allocateNetwork', () => {
  test('takes the first free /24, the gateway first', () => {
    expect(allocateNetwork(wish, observation(), [])).toEqual({
      name: 'net1',
      subnet: '10.200.0.0/24',
      ipv6: null,
      stem: 'dbnsa1b2c',
      zones: [{ name: null, subnet: '10.200.0.0/24', gateway: '10.200.0.1', bridge: 'dbnsa1b2c' }],
      lan: null,
      linkGroup: 0x5dba1b2c,
      internal: false,
      mtu: 1500,
      uplinks: ['eth0'],
      freed: [],
    });
  });

  test('is free by the routes of the machine as by the clusters that are saved', () => {
    const saved = [taken('10.200.0.0/24', "the network 10.200.0.0/24 of the cluster 'a'")];
    const routes = observation(taken('10.200.1.0/24', 'the route 10.200.1.0/24 dev tun0'));
    expect(allocateNetwork(wish, routes, saved).subnet).toBe('10.200.2.0/24');
  });

  test('an internal network has no uplink', () => {
    expect(allocateNetwork({ ...wish, internal: true }, observation(), []).uplinks).toEqual([]);
  });

  test('takes the subnet that was named', () => {
    const { subnet, zones } = allocateNetwork({ ...wish, subnet: '10.50.8.0/22' }, observation(), []);
    expect([subnet, zones[0]?.gateway]).toEqual(['10.50.8.0/22', '10.50.8.1']);
  });

  test('names the route that a subnet overlaps', () => {
    const routes = observation(taken('10.50.0.0/16', 'the route 10.50.0.0/16 dev tun0'));
    const allocate = () => allocateNetwork({ ...wish, subnet: '10.50.8.0/24' }, routes, []);
    expect(allocate).toThrow(ConflictError);
    expect(allocate).toThrow('The subnet 10.50.8.0/24 overlaps the route 10.50.0.0/16 dev tun0.');
  });

  test('names the cluster that has it', () => {
    const saved = [taken('10.50.8.0/24', "the network 10.50.8.0/24 of the cluster 'a'")];
    expect(() => allocateNetwork({ ...wish, subnet: '10.50.8.0/24' }, observation(), saved)).toThrow(
      "The subnet 10.50.8.0/24 overlaps the network 10.50.8.0/24 of the cluster 'a'.",
    );
  });

  test('names one that is free instead', () => {
    const routes = observation(taken('10.50.0.0/16', 'the route 10.50.0.0/16 dev tun0'));
    expect(failureOf({ ...wish, subnet: '10.50.8.0/24' }, routes).suggestions).toEqual([
      'Leave --subnet away: 10.200.0.0/24 is free.',
    ]);
  });

  test('names all that a wide one overlaps', () => {
    const routes = observation(...['10.50.1.0/24', '10.50.2.0/24'].map((cidr) => taken(cidr, `the route ${cidr}`)));
    expect(failureOf({ ...wish, subnet: '10.50.0.0/16' }, routes).message).toBe(
      'The subnet 10.50.0.0/16 overlaps the route 10.50.1.0/24, the route 10.50.2.0/24.',
    );
  });

  test('names the one route that takes the whole pool, and what is free', () => {
    const routes = observation(
      taken('10.200.3.0/24', 'the route 10.200.3.0/24 dev dbns1'),
      taken('10.0.0.0/8', 'the route 10.0.0.0/8 dev tun0'),
      taken('172.30.0.0/24', 'the route 172.30.0.0/24 dev docker0'),
    );
    const { message, suggestions, exitCode } = failureOf(wish, routes);
    expect(exitCode).toBe(5);
    expect(message).toBe('No network (/24) of 10.200.0.0/16 is free. In the way: the route 10.0.0.0/8 dev tun0.');
    expect(suggestions).toEqual(['--subnet 172.30.1.0/24, which is free']);
  });

  test('names the routes that take the pool together, and the first of many', () => {
    const halves = ['10.200.0.0/17', '10.200.128.0/17'].map((cidr) => taken(cidr, `the route ${cidr} dev tun0`));
    expect(failureOf(wish, observation(...halves)).message).toMatch(
      /In the way: the route 10\.200\.0\.0\/17 dev tun0, the route 10\.200\.128\.0\/17 dev tun0\.$/,
    );
    const saved = Array.from({ length: 256 }, (_, index) =>
      taken(`10.200.${index}.0/24`, `the network 10.200.${index}.0/24 of the cluster 'c${index}'`),
    );
    const { message, suggestions } = failureOf(wish, observation(), saved);
    expect(message).toMatch(/In the way: the network 10\.200\.0\.0\/24 of the cluster 'c0', .* and 253 more\.$/);
    expect(suggestions).toEqual(['dbns list', '--subnet 172.30.0.0/24, which is free']);
  });

  test('says so when there is no free network at all', () => {
    const all = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((cidr) => taken(cidr, `the route ${cidr}`));
    expect(failureOf(wish, observation(...all)).suggestions).toEqual(['ip -4 route show table all']);
  });

  test('a subnet of the wrong form is a word used wrong, not a conflict', () => {
    expect(() => allocateNetwork({ ...wish, subnet: '10.0.0.1/33' }, observation(), [])).toThrow(UsageError);
  });
});

/** The one zone of a network that is not divided, for each of so many nodes. */
const inOne = (subnet: string, count: number): readonly Zone[] => {
  const zone = { name: null, subnet, gateway: null, bridge: null };
  return Array.from({ length: count }, () => zone);
};

describe('allocateAddresses', () => {
  const network = { subnet: '10.50.0.0/29', freed: ['10.50.0.4', '10.50.0.2'] };
  const allocate = (taken: readonly string[], count: number, chosen = {}, at = network) =>
    allocateAddresses(
      { ...at, zones: inOne(at.subnet, 1), lan: null },
      { names: nodeNames(count), zones: inOne(at.subnet, count), taken, chosen },
    );

  test('gives out those that nobody ever had, then those that were given back, the oldest first', () => {
    expect(allocate(['10.50.0.3'], 2)).toEqual(['10.50.0.5', '10.50.0.6']);
    expect(allocate(['10.50.0.3'], 4)).toEqual(['10.50.0.5', '10.50.0.6', '10.50.0.4', '10.50.0.2']);
  });

  test('an address that was given back and is taken again is not free', () => {
    expect(allocate(['10.50.0.3', '10.50.0.4'], 3)).toEqual(['10.50.0.5', '10.50.0.6', '10.50.0.2']);
  });

  test('a full network is a conflict that says how much room there is', () => {
    const full = { subnet: '10.50.0.0/29', freed: [] };
    const taken = ['10.50.0.2', '10.50.0.3', '10.50.0.4', '10.50.0.5'];
    expect(() => allocate(taken, 2, {}, full)).toThrow(ConflictError);
    expect(() => allocate(taken, 2, {}, full)).toThrow(
      'The network 10.50.0.0/29 is full: it has 1 more for nodes, and 2 are wanted.',
    );
    expect(() => allocate([...taken, '10.50.0.6'], 1, {}, full)).toThrow(
      'it has no address for nodes, and 1 is wanted',
    );
  });

  test('who has chosen gets that, the others what is left, in order', () => {
    const wide = { subnet: '10.50.0.0/24', freed: [] };
    const chosen = { node2: '10.50.0.2', node4: '10.50.0.200' };
    expect(allocate([], 5, chosen, wide)).toEqual([
      ...['10.50.0.3', '10.50.0.2', '10.50.0.4'],
      ...['10.50.0.200', '10.50.0.5'],
    ]);
  });

  test('one that was given back may be chosen, and then is nobody else’s', () => {
    expect(allocate(['10.50.0.3'], 4, { node1: '10.50.0.4' })).toEqual([
      ...['10.50.0.4', '10.50.0.5'],
      ...['10.50.0.6', '10.50.0.2'],
    ]);
  });

  test('the last place of a full network may be chosen', () => {
    const names = { node1: '10.50.0.6' };
    expect(allocate(['10.50.0.2', '10.50.0.3', '10.50.0.4', '10.50.0.5'], 1, names)).toEqual(['10.50.0.6']);
  });

  test('of the widest network it takes what is needed, and does not walk through it', () => {
    expect(allocate([], 2, {}, { subnet: '10.0.0.0/8', freed: [] })).toEqual(['10.0.0.2', '10.0.0.3']);
  });
});

describe('a range of a LAN', () => {
  const range = { first: '192.168.7.5', last: '192.168.7.8' };
  const lan = { to: 'br0', kind: 'bridge', userspace: false, dhcp: false, range } as const;
  const subnet = '192.168.7.0/24';
  const zones = [{ name: null, subnet, gateway: '192.168.7.6', bridge: 'br0' }];
  const allocate = (count: number, taken: readonly string[] = [], freed: readonly string[] = [], ranged = true) =>
    allocateAddresses(
      { freed, zones, lan: ranged ? lan : { ...lan, range: null } },
      { names: nodeNames(count), zones: nodeNames(count).flatMap(() => zones), taken },
    );

  test('is given from its first address to its last, without the gateway and what is taken', () => {
    expect(allocate(2)).toEqual(['192.168.7.5', '192.168.7.7']);
    expect(allocate(2, ['192.168.7.5'])).toEqual(['192.168.7.7', '192.168.7.8']);
    expect(allocate(3, [], ['192.168.7.5', '192.168.7.99'])).toEqual(['192.168.7.7', '192.168.7.8', '192.168.7.5']);
  });

  test('that is used up, or that nobody named, is a conflict', () => {
    expect(() => allocate(4)).toThrow('The range 192.168.7.5-192.168.7.8 has 3 left, and 4 are wanted.');
    expect(() => allocate(1, [], [], false)).toThrow('No range of the LAN is for nodes, and 1 is wanted.');
  });
});

describe('giveBack', () => {
  test('an address that goes for the second time is the youngest again, and there once', () => {
    const { network } = sampleCluster();
    const [first, second] = ['10.200.0.2', '10.200.0.3'];
    const twice = giveBack(giveBack(giveBack(network, [first]), [second]), [first]);
    expect(twice.freed).toEqual([second, first]);
    const saved = { subnet: '10.50.0.0/30', freed: ['10.50.0.2', '10.50.0.2'] };
    expect(() =>
      allocateAddresses(
        { ...saved, zones: [], lan: null },
        { names: ['node8', 'node9'], zones: inOne(saved.subnet, 2), taken: [] },
      ),
    ).toThrow(ConflictError);
  });
});

describe('a pool of the user', () => {
  const pool = '10.77.0.0/23';

  test('is where networks are taken from', () => {
    const saved = [taken('10.77.0.0/24', "the network 10.77.0.0/24 of the cluster 'a'")];
    expect(allocateNetwork({ ...wish, pool }, observation(), saved).subnet).toBe('10.77.1.0/24');
  });

  test('that is full is named, with what is in the way of it', () => {
    const routes = observation(taken('10.77.0.0/16', 'the route 10.77.0.0/16 dev tun0'));
    expect(failureOf({ ...wish, pool }, routes).message).toBe(
      'No network (/24) of 10.77.0.0/23 is free. In the way: the route 10.77.0.0/16 dev tun0.',
    );
  });

  test('is where a free one is, when the one that was named is taken', () => {
    const routes = observation(taken('10.50.0.0/16', 'the route 10.50.0.0/16 dev tun0'));
    expect(failureOf({ ...wish, pool, subnet: '10.50.8.0/24' }, routes).suggestions).toEqual([
      'Leave --subnet away: 10.77.0.0/24 is free.',
    ]);
  });
});
