import { describe, expect, test } from 'vitest';
import { readCidr } from '../../../src/cluster/subnet.js';
import { ConflictError, UsageError } from '../../../src/errors/errors.js';
import { allocateNetwork } from '../../../src/network/allocate.js';
import type { NetworkObservation, TakenSubnet } from '../../../src/network/observe.js';

const taken = (cidr: string, text: string): TakenSubnet => ({ ...(readCidr(cidr) ?? { base: 0, prefix: 0 }), text });

const observation = (...routes: TakenSubnet[]): NetworkObservation => ({
  ...{ taken: routes, uplinks: ['eth0'], links: [], namespaces: [], tables: [], chains: [] },
  ...{ droppingForwardChains: [] },
});

const wish = { clusterId: 'a1b2c3d4', nodes: 3 };

describe('allocateNetwork', () => {
  test('takes the first free /24, the gateway first', () => {
    expect(allocateNetwork(wish, observation(), [])).toEqual({
      name: 'net1',
      subnet: '10.200.0.0/24',
      gateway: '10.200.0.1',
      bridge: 'dbnsa1b2c',
      linkGroup: 0x5dba1b2c,
      uplinks: ['eth0'],
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
    const { subnet, gateway } = allocateNetwork({ ...wish, subnet: '10.50.8.0/22' }, observation(), []);
    expect({ subnet, gateway }).toEqual({ subnet: '10.50.8.0/22', gateway: '10.50.8.1' });
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

  test('says when the pool is full', () => {
    const routes = observation(taken('10.0.0.0/8', 'the route 10.0.0.0/8 dev tun0'));
    expect(() => allocateNetwork(wish, routes, [])).toThrow(ConflictError);
    expect(() => allocateNetwork(wish, routes, [])).toThrow('All /24 networks of 10.200.0.0/16 are taken');
  });

  test('a subnet of the wrong form is a word used wrong, not a conflict', () => {
    expect(() => allocateNetwork({ ...wish, subnet: '10.0.0.1/33' }, observation(), [])).toThrow(UsageError);
  });
});
