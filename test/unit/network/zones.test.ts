import { describe, expect, test } from 'vitest';
import { readCidr } from '../../../src/cluster/subnet.js';
import { layoutOf, zoneOf } from '../../../src/cluster/zone.js';
import { NotFoundError, UsageError } from '../../../src/errors/errors.js';
import { allocateAddresses } from '../../../src/network/allocate.js';
import { checkChosen } from '../../../src/network/chosen.js';
import { assertShape, divide, notForHosts, spread, type ShapeWish } from '../../../src/network/zones.js';

const SUBNET = '10.50.0.0/24';
const within = (wish: ShapeWish, subnet = SUBNET) => ({
  ...{ subnet, freed: [] },
  zones: divide(readCidr(subnet) ?? { base: 0, prefix: 0 }, 'a1b2c3d4', wish),
});
const seats = (...groups: readonly (string | null)[]) => groups.map((group, at) => ({ name: `node${at + 1}`, group }));
const none = { zones: {}, addresses: {} };

describe('a network', () => {
  test('that is not divided is one zone without a name', () => {
    expect(within({}).zones).toEqual([{ name: null, subnet: SUBNET, gateway: '10.50.0.1', bridge: 'dbnsa1b2c' }]);
  });

  test.each([
    [2, ['a 10.50.0.0/25 10.50.0.1', 'b 10.50.0.128/25 10.50.0.129']],
    [3, ['a 10.50.0.0/26 10.50.0.1', 'b 10.50.0.64/26 10.50.0.65', 'c 10.50.0.128/26 10.50.0.129']],
  ])('in %i zones has halves, or quarters', (zones, expected) => {
    expect(within({ zones }).zones.map(({ name, subnet, gateway }) => `${name} ${subnet} ${gateway}`)).toEqual(
      expected,
    );
  });

  test('has a bridge a zone, or none', () => {
    expect(within({ zones: 2 }).zones.map(({ bridge }) => bridge)).toEqual(['dbnsa1b2cza', 'dbnsa1b2czb']);
    expect(layoutOf(within({ zones: 2 }))).toBe('bridge');
    expect(within({ zones: 2, layout: 'routed' }).zones.map(({ bridge }) => bridge)).toEqual([null, null]);
    expect(layoutOf(within({ layout: 'routed' }))).toBe('routed');
  });

  test('that is too small has no zones', () => {
    expect(() => within({ zones: 4 }, '10.50.0.0/29')).toThrow(UsageError);
    expect(within({ zones: 2 }, '10.50.0.0/29').zones).toHaveLength(2);
  });

  test('says of an address in which zone it is', () => {
    const at = (address: string) => zoneOf(within({ zones: 2 }), { address }).name;
    expect([at('10.50.0.127'), at('10.50.0.128')]).toEqual(['a', 'b']);
  });
});

describe('what can be asked', () => {
  test.each([
    [{ zones: 1 }, /has 2 to 4 zones/],
    [{ zones: 5 }, /has 2 to 4 zones/],
    [{ nodeZones: { node1: 'a' } }, /say how many/],
    [{ zones: 2, nodeZones: { node1: 'c' } }, "'c', chosen for node1, is no zone: they are a, b."],
  ] as const)('%j is refused', (wish, message) => {
    expect(() => {
      assertShape(wish);
    }).toThrow(message);
  });

  test('the rest is taken', () => {
    for (const wish of [{}, { zones: 2 }, { zones: 4, nodeZones: { node1: 'd' } }]) assertShape(wish);
  });
});

describe('nodes are spread', () => {
  const names = (...words: Parameters<typeof spread>) =>
    spread(...words)
      .map(({ name }) => name)
      .join('');

  test('evenly, in their order', () => {
    expect(names(within({ zones: 2 }), seats(null, null, null, null, null), none)).toBe('ababa');
    expect(names(within({ zones: 3 }), seats(null, null, null, null), none)).toBe('abca');
  });

  test('around those for whom a zone was chosen, or an address', () => {
    const network = within({ zones: 2 });
    expect(names(network, seats(null, null, null, null), { ...none, zones: { node3: 'a', node4: 'a' } })).toBe('bbaa');
    expect(names(network, seats(null, null), { ...none, addresses: { node1: '10.50.0.200' } })).toBe('ba');
  });

  test('by shards first: none is in one zone alone', () => {
    expect(names(within({ zones: 2 }), seats('s1', 's1', 's1', 's2', 's2', 's2', 'r'), none)).toBe(
      'ababaab'.slice(0, 3) + 'bab' + 'a',
    );
  });

  test('and those that come keep the balance', () => {
    const network = within({ zones: 2 });
    const [a, b] = network.zones;
    const there = [a, a, b].flatMap((zone) => (zone === undefined ? [] : [{ group: null, zone }]));
    expect(names(network, [{ name: 'node4', group: null }], none, there)).toBe('b');
  });

  test('a zone that is none, and an address of another, are refused', () => {
    expect(() => spread(within({}), seats(null), { ...none, zones: { node1: 'a' } })).toThrow(NotFoundError);
    const both = { zones: { node1: 'a' }, addresses: { node1: '10.50.0.200' } };
    expect(() => spread(within({ zones: 2 }), seats(null), both)).toThrow('is outside its zone a: 10.50.0.0/25.');
  });
});

describe('addresses', () => {
  const network = within({ zones: 2 });
  const [a, b] = network.zones;
  const give = (taken: readonly string[], freed: readonly string[] = []) =>
    allocateAddresses(
      { freed, zones: network.zones, lan: null },
      { names: ['node1', 'node2', 'node3'], zones: [a, b, b].flatMap((zone) => zone ?? []), taken },
    );

  test('are of the zone, without its gateway', () => {
    expect(give([])).toEqual(['10.50.0.2', '10.50.0.130', '10.50.0.131']);
    expect(give(['10.50.0.2', '10.50.0.131'])).toEqual(['10.50.0.3', '10.50.0.130', '10.50.0.132']);
  });

  test('that were given back are those of their zone', () => {
    const all = Array.from({ length: 125 }, (_, at) => `10.50.0.${at + 2}`);
    expect(() => give(all)).toThrow('The zone a 10.50.0.0/25 is full');
    expect(give(all.slice(1), ['10.50.0.2', '10.50.0.130'])[0]).toBe('10.50.0.2');
  });

  test('that nobody can have are told with their zone', () => {
    expect([...notForHosts(network).keys()]).toEqual([
      ...['10.50.0.0', '10.50.0.1', '10.50.0.127', '10.50.0.128', '10.50.0.129', '10.50.0.255'],
    ]);
    const choose =
      (address: string, at = network) =>
      () => {
        checkChosen({ node1: address }, at);
      };
    expect(choose('10.50.0.129')).toThrow('it is the gateway of the zone b.');
    expect(choose('10.50.0.200', within({ zones: 3 }))).toThrow('is in no zone');
    expect(choose('10.50.0.129', within({}))).not.toThrow();
  });
});
