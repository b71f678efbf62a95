import { describe, expect, test } from 'vitest';
import {
  addressAt,
  firstFreeSubnet,
  formatSubnet,
  macOf,
  overlap,
  parsePool,
  parseSubnet,
  readCidr,
  type Subnet,
} from '../../../src/cluster/subnet.js';
import { UsageError } from '../../../src/errors/errors.js';

/** A CIDR that is one. */
function cidr(text: string): Subnet {
  const subnet = readCidr(text);
  if (subnet === null) throw new Error(`${text} is none`);
  return subnet;
}

describe('readCidr', () => {
  test('reads what the kernel prints', () => {
    expect(readCidr('10.0.0.0/8')).toEqual({ base: 0x0a000000, prefix: 8 });
    expect(readCidr('192.168.1.20')).toEqual({ base: 0xc0a80114, prefix: 32 });
    expect(readCidr('default')).toEqual({ base: 0, prefix: 0 });
  });

  test.each(['', 'x', '10.0.0', '10.0.0.0/33', '10.0.0.256/24', 'fe80::/64', '0x0a.0.0.0/8'])('%s is none', (text) => {
    expect(readCidr(text)).toBeNull();
  });
});

describe('parseSubnet', () => {
  test.each(['10.50.0.0/24', '10.0.0.0/8', '172.16.0.0/12', '172.31.255.0/24', '192.168.0.0/16'])(
    'takes %s',
    (text) => {
      expect(formatSubnet(parseSubnet(text, 3))).toBe(text);
    },
  );

  test.each([
    ['10.0.0.1/33', "'10.0.0.1/33' is not an IPv4 subnet: write it like 10.50.0.0/24."],
    ['10.50.0.0', "'10.50.0.0' is not an IPv4 subnet: write it like 10.50.0.0/24."],
    ['', "'' is not an IPv4 subnet: write it like 10.50.0.0/24."],
    ['fd00::/64', "'fd00::/64' is not an IPv4 subnet: write it like 10.50.0.0/24."],
    ['10.0.0.0/', "'10.0.0.0/' is not an IPv4 subnet: write it like 10.50.0.0/24."],
    ['10.50.0.7/24', "'10.50.0.7/24' is an address inside a subnet: the subnet is 10.50.0.0/24."],
    ['10.1.0.0/8', "'10.1.0.0/8' is an address inside a subnet: the subnet is 10.0.0.0/8."],
    ['8.8.8.0/24', "'8.8.8.0/24' is not a private network: take one of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16."],
    ['172.32.0.0/16', /not a private network/],
    ['192.0.0.0/8', /not a private network/],
    ['0.0.0.0/0', /not a private network/],
    ['127.0.0.0/24', /not a private network/],
    ['10.0.0.0/32', "'10.0.0.0/32' has room for 0 nodes besides its gateway; 3 are wanted."],
    ['10.0.0.0/31', "'10.0.0.0/31' has room for 0 nodes besides its gateway; 3 are wanted."],
    ['10.0.0.0/30', "'10.0.0.0/30' has room for 1 nodes besides its gateway; 3 are wanted."],
  ])('refuses %s', (text, message) => {
    const parse = () => parseSubnet(text, 3);
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
  });

  test('counts network, gateway and broadcast', () => {
    expect(() => parseSubnet('10.0.0.0/29', 5)).not.toThrow();
    expect(() => parseSubnet('10.0.0.0/29', 6)).toThrow('has room for 5 nodes');
  });
});

describe('parsePool', () => {
  test.each(['10.0.0.0/8', '10.99.0.0/16', '192.168.7.0/24'])('takes %s', (text) => {
    expect(formatSubnet(parsePool(text))).toBe(text);
  });

  test.each([
    ['10.0.0.0/25', "'10.0.0.0/25' is too small for a pool: clusters get a /24 of it each."],
    ['10.99.1.0/16', /is an address inside a subnet: the subnet is 10\.99\.0\.0\/16/],
    ['8.8.0.0/16', /is not a private network/],
    ['x', /is not an IPv4 subnet/],
  ])('refuses %s', (text, message) => {
    expect(() => parsePool(text)).toThrow(UsageError);
    expect(() => parsePool(text)).toThrow(message);
  });
});

describe('overlap', () => {
  test.each([
    ['10.0.0.0/8', '10.200.0.0/24', true],
    ['10.200.0.0/24', '10.200.0.0/24', true],
    ['10.200.0.0/24', '10.200.0.255', true],
    ['10.200.0.0/24', '10.200.1.0/24', false],
    ['10.200.0.0/24', '10.199.255.255', false],
    ['default', '10.200.0.0/24', true],
    ['128.0.0.0/1', '192.168.0.0/16', true],
  ])('%s and %s: %s, both ways', (a, b, expected) => {
    expect(overlap(cidr(a), cidr(b))).toBe(expected);
    expect(overlap(cidr(b), cidr(a))).toBe(expected);
  });
});

describe('firstFreeSubnet', () => {
  const first = (...taken: string[]) => {
    const found = firstFreeSubnet(taken.map(cidr));
    return found === null ? null : formatSubnet(found);
  };

  test('is the first /24 of the pool', () => {
    expect(first()).toBe('10.200.0.0/24');
  });

  test('steps over what is taken, be it wider or narrower than a /24', () => {
    expect(first('10.200.0.0/24')).toBe('10.200.1.0/24');
    expect(first('10.200.0.0/23', '10.200.2.77', '172.17.0.0/16')).toBe('10.200.3.0/24');
    expect(first('10.200.1.0/24')).toBe('10.200.0.0/24');
  });

  test('is none when the pool is full', () => {
    expect(first('10.200.0.0/16')).toBeNull();
    expect(first('10.0.0.0/8')).toBeNull();
    expect(first(...Array.from({ length: 256 }, (_, index) => `10.200.${index}.0/24`))).toBeNull();
  });

  test('finds the last one', () => {
    expect(first(...Array.from({ length: 255 }, (_, index) => `10.200.${index}.0/24`))).toBe('10.200.255.0/24');
  });
});

test('addressAt counts from the network on, over the bytes', () => {
  expect(addressAt(cidr('10.200.0.0/24'), 1)).toBe('10.200.0.1');
  expect(addressAt(cidr('10.0.0.0/8'), 257)).toBe('10.0.1.1');
  expect(addressAt(cidr('192.168.255.0/24'), 65)).toBe('192.168.255.65');
});

test('macOf is locally administered, and another for every address', () => {
  expect(macOf('10.200.0.2')).toBe('02:db:0a:c8:00:02');
  expect(macOf('192.168.255.254')).toBe('02:db:c0:a8:ff:fe');
});
