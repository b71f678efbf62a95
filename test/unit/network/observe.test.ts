import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatSubnet } from '../../../src/cluster/subnet.js';
import { observeNetwork, readChains, readRouting } from '../../../src/network/observe.js';
import { fakeMachine } from '../../fakes/machine.js';

/** What iproute2 6.1 and nftables 1.0.6 printed, in a network namespace made for it. */
const recorded = (name: string) => readFileSync(path.join(import.meta.dirname, 'recorded', `${name}.txt`), 'utf8');

describe('readRouting', () => {
  const routing = readRouting(recorded('ip-batch'));

  test('knows every route and address, in the words of the kernel', () => {
    expect(routing.taken.map((subnet) => `${formatSubnet(subnet)}: ${subnet.text}`)).toMatchInlineSnapshot(`
      [
        "10.8.0.1/32: the route 10.8.0.1 dev tun0",
        "10.66.0.0/16: the route 10.66.0.0/16",
        "10.99.0.0/16: the route 10.99.0.0/16 dev tun0",
        "10.200.0.0/24: the route 10.200.0.0/24 dev dbnsa1b2c",
        "172.17.0.0/16: the route 172.17.0.0/16 dev docker0",
        "192.168.1.0/24: the route 192.168.1.0/24 dev eth0",
        "127.0.0.1/32: the address 127.0.0.1/8",
        "192.168.1.20/32: the address 192.168.1.20/24",
        "172.17.0.1/32: the address 172.17.0.1/16",
        "10.200.0.1/32: the address 10.200.0.1/24",
        "10.8.0.2/32: the address 10.8.0.2/32",
      ]
    `);
  });

  test('finds the uplinks, in other tables too', () => {
    expect(routing.uplinks).toEqual(['tun0', 'eth0']);
  });

  test('names each link once, with its group, its bridge, its addresses and whom they lead to', () => {
    expect(routing.links).toEqual([
      { name: 'lo', group: 'default', bridge: null, addresses: ['127.0.0.1'] },
      { name: 'eth0', group: 'default', bridge: null, addresses: ['192.168.1.20'] },
      { name: 'docker0', group: 'default', bridge: null, addresses: ['172.17.0.1'] },
      { name: 'dbnsa1b2c', group: '1571429932', bridge: null, addresses: ['10.200.0.1'] },
      { name: 'tun0', group: 'default', bridge: null, addresses: ['10.8.0.2', '10.8.0.1'] },
    ]);
  });

  test('of nothing is nothing', () => {
    expect(readRouting('')).toEqual({ taken: [], uplinks: [], links: [] });
    expect(readRouting('[]\n[{}]\n')).toEqual({ taken: [], uplinks: [], links: [] });
  });
});

describe('readChains', () => {
  test("sees Docker's forward chain drop, and its chain for users", () => {
    const { tables, chains, droppingForwardChains } = readChains(recorded('nft-chains-docker'));
    expect(tables).toEqual(['nat', 'filter']);
    expect(chains).toContainEqual({ family: 'ip', table: 'filter', chain: 'DOCKER-USER' });
    expect(droppingForwardChains).toEqual([{ family: 'ip', table: 'filter', chain: 'FORWARD' }]);
  });

  test("sees ufw's forward chain drop, not its input chain", () => {
    const { chains, droppingForwardChains } = readChains(recorded('nft-chains-ufw'));
    expect(chains).toContainEqual({ family: 'ip', table: 'filter', chain: 'ufw-user-forward' });
    expect(droppingForwardChains).toEqual([{ family: 'ip', table: 'filter', chain: 'FORWARD' }]);
  });

  test('sees a dropping chain of any inet table, and the tables of clusters', () => {
    const { tables, droppingForwardChains } = readChains(recorded('nft-chains-other'));
    expect(tables).toEqual(['firewalld', 'myfw', 'dbns-a']);
    expect(droppingForwardChains).toEqual([{ family: 'inet', table: 'myfw', chain: 'forward' }]);
  });

  test('of an empty ruleset is nothing', () => {
    const nothing = '{"nftables": [{"metainfo": {"version": "1.0.6", "json_schema_version": 1}}]}';
    expect(readChains(nothing)).toEqual({ tables: [], chains: [], droppingForwardChains: [] });
  });
});

describe('observeNetwork', () => {
  const answer = (argv: readonly string[]) => ({
    stdout: recorded(argv[0] === 'nft' ? 'nft-chains-docker' : 'ip-batch'),
  });
  const files = { '/run/netns/dbns-east-node1': '' };

  test('looks with two commands', async () => {
    const machine = fakeMachine({ answer, files });
    const { namespaces, uplinks, droppingForwardChains } = await observeNetwork(machine);
    expect({ namespaces, uplinks, dropping: droppingForwardChains.length }).toEqual({
      ...{ namespaces: ['dbns-east-node1'], uplinks: ['tun0', 'eth0'], dropping: 1 },
    });
    expect(machine.ran).toEqual([
      { argv: ['ip', '-4', '-json', '-batch', '-'], input: 'route show table all\naddress show\nlink show\n' },
      { argv: ['nft', '-j', 'list tables; list chains'] },
    ]);
    expect(machine.changes).toEqual([]);
  });

  test('does not ask nft without root', async () => {
    const machine = fakeMachine({ answer, files, isRoot: false });
    expect((await observeNetwork(machine)).chains).toEqual([]);
    expect(machine.ran.map(({ argv }) => argv[0])).toEqual(['ip']);
  });
});
