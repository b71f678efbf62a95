import { describe, expect, test } from 'vitest';
import { parseSubnet } from '../../../src/cluster/subnet.js';
import { ConflictError, UsageError } from '../../../src/errors/errors.js';
import { checkChosen, type ChosenAddresses } from '../../../src/network/chosen.js';
import { divide } from '../../../src/network/zones.js';

const subnet = parseSubnet('10.50.0.0/24', 3);
const network = { subnet: '10.50.0.0/24', zones: divide(subnet, 'a1b2c3d4', {}) };
const others = [{ name: 'node2', address: '10.50.0.3' }];
const check = (chosen: ChosenAddresses) => () => {
  checkChosen(chosen, network, others);
};

describe('checkChosen', () => {
  test.each(['10.50.0.2', '10.50.0.10', '10.50.0.254'])('takes %s', (address) => {
    expect(check({ node1: address, node5: '10.50.0.77' })).not.toThrow();
  });

  test.each([
    ['', "'', chosen for node1, is not an IPv4 address: write it like 10.50.0.10."],
    ['10.50.0', /is not an IPv4 address/],
    ['default', /is not an IPv4 address/],
    ['10.50.0.10/24', /is not an IPv4 address/],
    ['10.50.0.010', /is not an IPv4 address/],
    ['fd00::1', /is not an IPv4 address/],
    ['10.51.0.2', '10.51.0.2, chosen for node1, is outside the network 10.50.0.0/24.'],
    ['10.50.0.0', "10.50.0.0 of 10.50.0.0/24 can't be the address of node1: it is the network itself."],
    ['10.50.0.1', /: it is the gateway\.$/],
    ['10.50.0.255', /: it is the broadcast address\.$/],
  ])('refuses %s', (address, message) => {
    expect(check({ node1: address })).toThrow(UsageError);
    expect(check({ node1: address })).toThrow(message);
  });

  test('refuses one for two nodes', () => {
    const both = check({ node1: '10.50.0.9', node3: '10.50.0.9' });
    expect(both).toThrow(UsageError);
    expect(both).toThrow('10.50.0.9 is chosen twice: for node1 and for node3.');
  });

  test('one that another node has is a conflict, and that is named', () => {
    expect(check({ node5: '10.50.0.3' })).toThrow(ConflictError);
    expect(check({ node5: '10.50.0.3' })).toThrow("10.50.0.3 can't be the address of node5: node2 has it.");
  });
});
