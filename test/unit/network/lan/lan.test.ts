import { describe, expect, test } from 'vitest';
import { parseRange } from '../../../../src/cluster/lan.js';
import { NO_RULES } from '../../../../src/cluster/rules.js';
import { ConflictError, NotFoundError, UsageError } from '../../../../src/errors/errors.js';
import { hostsFile } from '../../../../src/network/hosts.js';
import { bringHome, giveBack, joinStep, observeJoining } from '../../../../src/network/lan/join.js';
import { assertLanWords, findLan, lanNetwork, type LanFound, type LanWish } from '../../../../src/network/lan/lan.js';
import { insideStep, linksStep } from '../../../../src/network/links.js';
import { ruleset } from '../../../../src/network/ruleset.js';
import { tablesOf } from '../../../../src/network/rules.js';
import { nodeOf, sampleCluster } from '../../../fakes/cluster.js';
import { fakeMachine, type Answer } from '../../../fakes/machine.js';

const RANGE = '192.168.7.50-192.168.7.59';
const FOUND: LanFound = {
  ...{
    to: 'br0',
    kind: 'bridge',
    userspace: false,
    mtu: 1450,
    addresses: ['192.168.7.2/24'],
    gateway: '192.168.7.1',
    isUplink: true,
  },
};
const wish = (changes: LanWish = {}) => ({
  ...{ bridgeTo: 'br0', addressRange: RANGE, clusterId: 'a1b2c3d4', nodes: 2 },
  ...changes,
});

test('a range is two addresses, the lower one first', () => {
  expect(parseRange(RANGE)).toEqual({ first: '192.168.7.50', last: '192.168.7.59' });
  for (const text of [
    '192.168.7.50',
    '192.168.7.50-',
    '192.168.7.50-60',
    '1.2.3.4-1.2.3.5-1.2.3.6',
    '010.0.0.1-10.0.0.2',
  ])
    expect(() => parseRange(text), text).toThrow(UsageError);
  expect(() => parseRange('192.168.7.59-192.168.7.50')).toThrow('behind the last');
});

describe('the words', () => {
  test.each<[LanWish, RegExp]>([
    [{ addressRange: RANGE }, /a range is of a LAN/],
    [{ gateway: '192.168.7.1' }, /--gateway: it goes with --bridge-to/],
    [{ force: true }, /--force: it goes with/],
    [wish({ bridgeTo: '-rf' }), /no name of an interface/],
    [wish({ bridgeTo: 'a/b' }), /no name of an interface/],
    [wish({ bridgeTo: 'x'.repeat(16) }), /no name of an interface/],
    [wish({ bridgeTo: 'dbnsa1b2c' }), /dbns's own/],
    [wish({ mtu: 1500 }), /--mtu and --bridge-to/],
    [wish({ internal: true }), /--internal and --bridge-to/],
    [wish({ zones: 2 }), /--zones and --bridge-to/],
    [wish({ layout: 'routed' }), /--layout and --bridge-to/],
    [wish({ ipv6: true }), /--ipv6 and --bridge-to.*IPv4 alone/],
    [wish({ gateway: '192.168.7.0/24' }), /it is an IPv4 address/],
    [wish({ addressRange: undefined }), /Say which addresses/],
  ])('%j is refused', (words, why) => {
    expect(() => {
      assertLanWords(words);
    }).toThrow(why);
  });

  test('that can be are taken', () => {
    for (const words of [{}, wish(), wish({ internal: false, layout: 'bridge', ipv6: false })]) assertLanWords(words);
    assertLanWords(wish({ addressRange: undefined, addresses: { node1: '192.168.7.50' } }));
  });
});

describe('the network', () => {
  test('is what the LAN is, with the way out that the machine has', () => {
    expect(lanNetwork(wish(), FOUND)).toMatchObject({
      ...{ subnet: '192.168.7.0/24', mtu: 1450, uplinks: [], internal: false },
      lan: { to: 'br0', kind: 'bridge', range: { first: '192.168.7.50', last: '192.168.7.59' } },
      zones: [{ name: null, subnet: '192.168.7.0/24', gateway: '192.168.7.1', bridge: 'br0' }],
    });
  });

  test('leads out by the machine where that knows no other way, by nobody where it has no address', () => {
    const gateway = (found: LanFound, changes: LanWish = {}) => lanNetwork(wish(changes), found).zones[0]?.gateway;
    expect(gateway({ ...FOUND, gateway: null })).toBe('192.168.7.2');
    expect(gateway({ ...FOUND, gateway: null, addresses: [] }, { subnet: '192.168.7.0/24' })).toBeNull();
    expect(gateway(FOUND, { gateway: '192.168.7.254' })).toBe('192.168.7.254');
    expect(() => gateway(FOUND, { gateway: '10.0.0.1' })).toThrow('outside the LAN');
  });

  test('has a bridge of its own for an interface; the machine’s way out needs force', () => {
    const eth1: LanFound = { ...FOUND, to: 'eth1', kind: 'interface', isUplink: false, gateway: null };
    expect(lanNetwork(wish(), eth1).zones[0]?.bridge).toBe('dbnsa1b2c');
    expect(() => lanNetwork(wish(), { ...eth1, isUplink: true })).toThrow(ConflictError);
    expect(lanNetwork(wish({ force: true }), { ...eth1, isUplink: true }).lan?.to).toBe('eth1');
  });

  test('must be said where the machine has no address, and have the range in it', () => {
    expect(() => lanNetwork(wish(), { ...FOUND, addresses: [] })).toThrow('say what the LAN is');
    expect(() => lanNetwork(wish({ addressRange: '10.1.1.1-10.1.1.2' }), FOUND)).toThrow('outside the LAN');
  });
});

const link = (changes: object) =>
  JSON.stringify([{ ifname: 'eth1', mtu: 1500, link_type: 'ether', addr_info: [], ...changes }]);
const answering =
  (shown: string): Answer =>
  (argv) => ({ stdout: argv.includes('address') ? shown : '[]' });

describe('what was named', () => {
  const find = (shown: string, files = {}) => findLan(fakeMachine({ answer: answering(shown), files }), 'eth1');

  test('is a bridge or an interface', async () => {
    expect(await find(link({}))).toMatchObject({ kind: 'interface', isUplink: false });
    expect(await find(link({ linkinfo: { info_kind: 'bridge' } }))).toMatchObject({ kind: 'bridge' });
  });

  test('is refused where nodes can’t be joined to it', async () => {
    await expect(find(link({}), { '/sys/class/net/eth1/phy80211/name': 'phy0' })).rejects.toThrow(/Wi-Fi/);
    await expect(find(link({ link_type: 'none' }))).rejects.toThrow(/no Ethernet/);
    await expect(find(link({ linkinfo: { info_kind: 'macvlan' } }))).rejects.toThrow(/macvlan/);
    await expect(find(link({ master: 'bond0' }))).rejects.toThrow('eth1 is in bond0 already.');
    const nothing = fakeMachine({ answer: () => ({ exitCode: 1 }) });
    await expect(findLan(nothing, 'eth1')).rejects.toThrow(NotFoundError);
  });
});

const inLan = (kind: 'bridge' | 'interface') => {
  const cluster = sampleCluster(2);
  const network = lanNetwork(wish(), { ...FOUND, to: kind === 'bridge' ? 'br0' : 'eth1', kind, isUplink: false });
  const nodes = cluster.nodes.map((node, at) => ({ ...node, address: `192.168.7.${50 + at}` }));
  return { ...cluster, network, nodes };
};

describe('links', () => {
  const textOf = (kind: 'bridge' | 'interface') => {
    const [act] = linksStep(inLan(kind)).acts;
    return act?.do === 'run' ? (act.input ?? '') : '';
  };

  test('are ports of somebody else’s bridge, of which nothing is made, nor is its MAC lowered', () => {
    expect(textOf('bridge')).not.toContain('type bridge');
    expect(textOf('bridge')).toContain('link set dbnsa1b2cn1 master br0 ');
    expect(textOf('bridge')).toContain(' address fe:db:c0:a8:07:32 type veth peer');
  });

  test('are ports of a bridge without an address of its own where an interface is in it', () => {
    expect(textOf('interface')).toContain('link add dbnsa1b2c group ');
    expect(textOf('interface')).not.toContain('address add');
  });

  test('lead out as the LAN does', () => {
    const cluster = inLan('bridge');
    const [act] = insideStep(cluster, nodeOf(cluster)).acts;
    expect(act).toMatchObject({
      input: expect.stringContaining('route add default via 192.168.7.1 dev eth0') as string,
    });
    expect(hostsFile(cluster, nodeOf(cluster))).toContain('192.168.7.1 gateway');
    const zones = cluster.network.zones.map((zone) => ({ ...zone, gateway: null }));
    const alone = { ...cluster, network: { ...cluster.network, zones } };
    expect(hostsFile(alone, nodeOf(alone))).not.toContain('gateway');
    expect(insideStep(alone, nodeOf(alone)).acts).not.toMatchObject([
      { input: expect.stringContaining('default') as string },
    ]);
  });
});

test('rules: no NAT and no isolation, and the ports where servers meet are theirs alone', () => {
  for (const kind of ['bridge', 'interface'] as const) {
    const cluster = inLan(kind);
    expect(ruleset(cluster)).not.toMatch(/masquerade|hook forward/);
    const chains = tablesOf(cluster, NO_RULES).map(({ family, chains: all }) => [family, all.map(({ name }) => name)]);
    expect(chains).toEqual([
      ['inet', ['output']],
      ['bridge', ['members']],
    ]);
    expect(ruleset(cluster)).toContain(
      'iifname != { "dbnsa1b2cn1", "dbnsa1b2cn2" } ip daddr { 192.168.7.50, 192.168.7.51 } tcp dport { 4444, 4567, 4568 } drop',
    );
    expect(ruleset(cluster)).toContain(
      'ip daddr { 192.168.7.50, 192.168.7.51 } tcp dport { 4444, 4567, 4568 } meta skuid 0',
    );
  }
});

describe('an interface', () => {
  const own = {
    ...{ ifname: 'eth1', address: '52:54:00:00:00:01' },
    addr_info: [
      { family: 'inet', local: '192.168.7.2', prefixlen: 24, broadcast: '192.168.7.255', scope: 'global' },
      { family: 'inet', local: '10.9.9.1', address: '10.9.9.2', prefixlen: 32, scope: 'link' },
    ],
  };
  const routes = [
    { dst: '192.168.7.0/24', protocol: 'kernel', scope: 'link', prefsrc: '192.168.7.2', flags: [] },
    { type: 'local', dst: '192.168.7.2', table: 'local', protocol: 'kernel', flags: [] },
    { dst: 'default', gateway: '192.168.7.1', protocol: 'dhcp', metric: 100, flags: [] },
    { dst: '10.77.0.0/16', scope: 'link', prefsrc: '192.168.7.2', table: '77', flags: ['onlink'] },
    { type: 'unicast', dst: '10.78.0.0/16', gateway: '192.168.7.9', protocol: 'boot', flags: [] },
  ];
  const answer: Answer = (argv) => {
    if (argv.includes('route')) return { stdout: JSON.stringify(routes) };
    return { stdout: JSON.stringify([argv.includes('link') ? { ...own, addr_info: undefined } : own]) };
  };
  const WORDS = {
    addresses: ['192.168.7.2/24 broadcast 192.168.7.255', '10.9.9.1 peer 10.9.9.2/32 scope link'],
    routes: [
      'default via 192.168.7.1 proto dhcp metric 100',
      '10.77.0.0/16 table 77 scope link src 192.168.7.2 onlink',
      'unicast 10.78.0.0/16 via 192.168.7.9',
    ],
  };

  test('is told by the words that make it again', async () => {
    const machine = fakeMachine({ answer, files: { '/proc/sys/net/ipv4/conf/eth1/forwarding': '1\n' } });
    expect(await observeJoining(machine, 'eth1')).toEqual({
      ...{ link: 'eth1', mac: '52:54:00:00:00:01', bridge: null, forwards: true, ...WORDS },
    });
  });

  test('gives each thing away after its bridge has it, and to it first its place', () => {
    const joining = { link: 'eth1', mac: '52:54:00:00:00:01', bridge: null, forwards: true, ...WORDS };
    const step = joinStep(fakeMachine(), inLan('interface').network, joining);
    expect(step.makes).toEqual([{ kind: 'joined', link: 'eth1', ...WORDS }]);
    expect(step.acts).toEqual([
      { do: 'set', path: '/proc/sys/net/ipv4/conf/dbnsa1b2c/forwarding', value: '1' },
      {
        ...{ do: 'run', argv: ['ip', '-batch', '-'] },
        input: [
          'link set dbnsa1b2c address 52:54:00:00:00:01',
          'link set eth1 master dbnsa1b2c up',
          ...WORDS.addresses.map((words) => `address replace ${words} dev dbnsa1b2c`),
          ...WORDS.routes.map((words) => `route replace ${words} dev dbnsa1b2c`),
          'address delete 192.168.7.2/24 dev eth1',
          'address delete 10.9.9.1 peer 10.9.9.2/32 scope link dev eth1',
          '',
        ].join('\n'),
      },
    ]);
  });

  test('comes home with what the bridge has then; others’ ports are left alone', async () => {
    const group = '1571433260';
    const rows = [
      { ifname: 'dbnsa1b2c', group },
      { ifname: 'dbnsa1b2cn1', group, master: 'dbnsa1b2c' },
      { ifname: 'eth1', group: 'default', master: 'dbnsa1b2c' },
      { ifname: 'eth2', group: 'default', master: 'br7' },
    ];
    const machine = fakeMachine({
      answer: (argv, options) =>
        argv.join(' ') === 'ip -json link show' ? { stdout: JSON.stringify(rows) } : answer(argv, options),
    });
    await bringHome(machine, Number(group));
    const batches = machine.ran.flatMap(({ input }) => input ?? []);
    expect(batches).toEqual([
      [
        ...WORDS.addresses.map((words) => `address replace ${words} dev eth1`),
        ...WORDS.routes.map((words) => `route replace ${words} dev eth1`),
        'link set eth1 nomaster',
        '',
      ].join('\n'),
    ]);
  });

  test('gets back what it had only where it has nothing, and is in no bridge', async () => {
    const given = async (now: object) => {
      const machine = fakeMachine({
        answer: (argv) => ({ stdout: argv.includes('route') ? '[]' : JSON.stringify([{ ...own, ...now }]) }),
      });
      await giveBack(machine, { link: 'eth1', ...WORDS });
      return machine.ran.flatMap(({ input }) => input ?? []).length;
    };
    expect(await given({ addr_info: [] })).toBe(1);
    expect(await given({})).toBe(0);
    expect(await given({ addr_info: [], master: 'br7' })).toBe(0);
  });
});
