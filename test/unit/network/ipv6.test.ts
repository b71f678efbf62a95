import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { MachineError } from '../../../src/errors/errors.js';
import { assertIpv6, ipv6Warning } from '../../../src/network/ipv6.js';
import { hostsFile } from '../../../src/network/hosts.js';
import { insideStep, linksStep } from '../../../src/network/links.js';
import { readIpv6 } from '../../../src/network/observe.js';
import { queuesText } from '../../../src/network/queues.js';
import { tablesOf } from '../../../src/network/rules.js';
import { nodeSubject } from '../../../src/servers/certificates/subject.js';
import type { Step } from '../../../src/cluster/plan.js';
import { NO_RULES } from '../../../src/cluster/rules.js';
import type { Taking, Takings } from '../../../src/network/fault-rules.js';
import { nodeOf, sampleCluster, withIpv6, zonedCluster } from '../../fakes/cluster.js';
import { fakeMachine } from '../../fakes/machine.js';

const cluster = withIpv6(sampleCluster(2));
const routed = withIpv6(zonedCluster(2, 1, true));
const HEAD = 'fddb:a1b2:c3d4:';

const linesOf = ({ acts }: Step) => acts.flatMap((act) => (act.do === 'run' ? (act.input ?? '').split('\n') : []));
const ofIpv6 = (lines: readonly string[]) => lines.filter((line) => /fddb|fe80|ip6|icmpv6/.test(line));
const rulesOf = (one: Cluster, takings?: Takings) =>
  tablesOf(one, NO_RULES, takings).flatMap(({ family, chains }) =>
    chains.flatMap(({ name, rules }) => rules.map(({ nft }) => `${family} ${name}: ${nft}`)),
  );

describe('links', () => {
  test('of a bridge', () => {
    expect(ofIpv6(linesOf(linksStep(cluster)))).toEqual([
      'address replace fe80::1/64 dev dbnsa1b2c nodad',
      `address add ${HEAD}:1/64 dev dbnsa1b2c nodad`,
    ]);
    expect(ofIpv6(linesOf(insideStep(cluster, nodeOf(cluster))))).toEqual([
      `address add ${HEAD}:2/64 dev eth0 nodad`,
      'address add fe80::2/64 dev eth0 nodad',
      `route add default via ${HEAD}:1 dev eth0`,
    ]);
  });

  test('that are routed', () => {
    const { link } = nodeOf(routed);
    expect(ofIpv6(linesOf(linksStep(routed))).slice(0, 2)).toEqual([
      `address replace fe80::1/64 dev ${link} nodad`,
      `address replace ${HEAD}:1 peer ${HEAD}:2/128 dev ${link} nodad`,
    ]);
    expect(ofIpv6(linesOf(insideStep(routed, nodeOf(routed))))).toEqual([
      `address add ${HEAD}:2/128 dev eth0 nodad`,
      'address add fe80::2/64 dev eth0 nodad',
      'route add default via fe80::1 onlink dev eth0',
    ]);
  });

  test('have nothing of it where nobody asked', () => {
    const plain = sampleCluster(2);
    expect(
      ofIpv6([...linesOf(linksStep(plain)), ...linesOf(insideStep(plain, nodeOf(plain))), ...rulesOf(plain)]),
    ).toEqual([]);
  });
});

describe('rules', () => {
  test('are those of IPv4, each that names an address said again', () => {
    expect(ofIpv6(rulesOf(routed))).toEqual([
      `inet postrouting: ip6 saddr ${HEAD}:/64 oifname { "eth0" } masquerade`,
      'inet input: iifname "dbnsa1b2c*" icmpv6 type nd-router-advert drop',
      `inet forward: ip6 daddr ${HEAD}:/64 oifname != "dbnsa1b2c*" oifname != "lo" drop`,
      `inet output: ip6 daddr ${HEAD}:/64 oifname != "dbnsa1b2c*" oifname != "lo" reject with icmpv6 type addr-unreachable`,
    ]);
  });

  test('a partition takes both, and neighbours find each other', () => {
    const taking: Taking = {
      ...{ fault: 'f1', flows: [{ from: ['node1'], to: ['node2'] }], channel: null },
      ...{ newOnly: false, reset: false, share: 1, left: null },
    };
    const takings = { takings: [taking], doublings: [], counts: new Map(), devices: ['dbnsa1b2cn1'] };
    const [first, ...others] = rulesOf(cluster, takings).filter((rule) => rule.startsWith('inet faults'));
    expect(first).toBe('inet faults: icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept');
    expect(others).toEqual([
      'inet faults: ip saddr . ip daddr @f1_1 counter name "f1" drop',
      'inet faults: ip6 saddr . ip6 daddr @f1_1_6 counter name "f1" drop',
    ]);
    const [table] = tablesOf(cluster, NO_RULES, takings);
    expect(table?.objects.find(({ name }) => name === 'f1_1_6')?.body).toEqual([
      'type ipv6_addr . ipv6_addr',
      `elements = { ${HEAD}:2 . ${HEAD}:3 }`,
    ]);
  });

  test('queues tell senders by both', () => {
    const quality = {
      delay: null,
      jitter: null,
      loss: null,
      duplicate: null,
      reorder: null,
      corrupt: null,
      rate: 1_000_000,
    };
    const text = queuesText({ device: 'l', classes: [{ sources: ['10.200.0.2', `${HEAD}:2`], quality }] });
    expect(text.split('\n').filter((line) => line.startsWith('filter'))).toEqual([
      'filter add dev l parent db05: pref 1 protocol ip u32 match ip src 10.200.0.2/32 flowid db05:1',
      `filter add dev l parent db05: pref 2 protocol ipv6 u32 match ip6 src ${HEAD}:2/128 flowid db05:1`,
    ]);
  });
});

test('names: hosts files and certificates have both', () => {
  expect(hostsFile(cluster, nodeOf(cluster)).split('\n')).toEqual([
    ...['# dbns:a1b2c3d4 east', '127.0.0.1 localhost', '::1 localhost', '10.200.0.1 gateway', `${HEAD}:1 gateway`],
    ...['10.200.0.2 node1', `${HEAD}:2 node1`, '10.200.0.3 node2', `${HEAD}:3 node2`, ''],
  ]);
  expect(nodeSubject(cluster, [], nodeOf(cluster)).addresses).toEqual(['10.200.0.2', `${HEAD}:2`, '127.0.0.1', '::1']);
});

test('what the machine has of IPv6 is read: ways out, but for those that lead nowhere, and what is taken', () => {
  const routes = [
    { dst: 'default', gateway: 'fe80::9', dev: 'eth1', flags: [] },
    { type: 'unreachable', dst: 'default', dev: 'lo', flags: [] },
    { dst: 'fd00::/8', dev: 'vpn0', flags: [] },
  ];
  const address = { family: 'inet6', local: 'fddb::1', address: 'fddb::2', prefixlen: 128, scope: 'global' };
  const links = [{ ifname: 'l1', group: 'default', addr_info: [address] }];
  const { taken, uplinks, addresses } = readIpv6(`${JSON.stringify(routes)}\n${JSON.stringify(links)}\n`);
  expect(uplinks).toEqual(['eth1']);
  expect(taken.map(({ text }) => text)).toEqual(['the route fd00::/8 dev vpn0', 'the address fddb::1/128']);
  expect(addresses.get('l1')).toEqual(['fddb::1', 'fddb::2']);
});

describe('a machine', () => {
  const CONF = '/proc/sys/net/ipv6/conf';
  const on = { [`${CONF}/default/disable_ipv6`]: '0\n', [`${CONF}/all/forwarding`]: '0\n' };
  const machineWith = (files: Record<string, string>) => fakeMachine({ files });

  test.each([
    ['without IPv6', {}, cluster, /no IPv6/],
    ['whose interfaces have none', { [`${CONF}/default/disable_ipv6`]: '1\n' }, cluster, /default\.disable_ipv6/],
    ['that forwards all or nothing', on, routed, /before Linux 6\.17/],
  ])('%s is refused', (_, files, { network }, why) => {
    expect(() => {
      assertIpv6(machineWith(files), network);
    }).toThrow(MachineError);
    expect(() => {
      assertIpv6(machineWith(files), network);
    }).toThrow(why);
  });

  test('that can, can; an older one lets nobody out, and is warned of', () => {
    const new617 = machineWith({ ...on, [`${CONF}/all/force_forwarding`]: '0\n' });
    const router = machineWith({ ...on, [`${CONF}/all/forwarding`]: '1\n' });
    for (const machine of [new617, router]) {
      expect(() => {
        assertIpv6(machine, routed.network);
      }).not.toThrow();
      expect(ipv6Warning(machine, routed.network)).toBeNull();
    }
    expect(() => {
      assertIpv6(machineWith(on), cluster.network);
    }).not.toThrow();
    expect(ipv6Warning(machineWith(on), cluster.network)).toMatch(/no way out by IPv6/);
    expect(() => {
      assertIpv6(machineWith({}), sampleCluster().network);
    }).not.toThrow();
  });
});
