import { describe, expect, test } from 'vitest';
import { nodeNames, type ClusterSpec } from '../../../../src/cluster/cluster.js';
import { ConflictError } from '../../../../src/errors/errors.js';
import { resolveCluster, type Ground } from '../../../../src/lifecycle/birth/reserve.js';
import type { NetworkObservation } from '../../../../src/network/observe.js';
import { pxc } from '../../../../src/topologies/pxc/pxc.js';
import { nodeServer, sampleCluster } from '../../../fakes/cluster.js';
import { fakeMachine, type FakeSetup } from '../../../fakes/machine.js';

const NOTHING: NetworkObservation = {
  ...{ taken: [], uplinks: ['eth0'], links: [], namespaces: [], tables: [], chains: [] },
  ...{ droppingForwardChains: [], takenIpv6: [] },
};

const ground = (spec: Partial<ClusterSpec> = {}, changes: Partial<Ground> = {}, setup: FakeSetup = {}): Ground => ({
  machine: fakeMachine(setup),
  topology: pxc,
  spec: { topology: 'pxc', ...spec },
  settings: {},
  seats: pxc.settle({ topology: 'pxc', ...spec }).seats,
  servers: new Map(nodeNames(spec.nodes ?? 3).map((name) => [name, nodeServer()])),
  observation: NOTHING,
  lan: null,
  saved: [],
  ...changes,
});

describe('resolveCluster', () => {
  test('leaves nothing open', () => {
    const { id, createdAt, ...cluster } = resolveCluster(ground({ nodes: 2 }));
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    expect(new Date(createdAt).toISOString()).toBe(createdAt);
    const [first, second] = cluster.nodes;
    expect({
      ...cluster,
      network: { ...cluster.network, stem: '', zones: [], linkGroup: 0 },
      nodes: [],
    }).toMatchInlineSnapshot(`
      {
        "attached": [],
        "clusterTls": false,
        "companions": [],
        "durable": false,
        "init": [],
        "made": null,
        "memory": null,
        "name": "pxc",
        "network": {
          "freed": [],
          "internal": false,
          "ipv6": null,
          "lan": null,
          "linkGroup": 0,
          "mtu": 1500,
          "name": "net1",
          "stem": "",
          "subnet": "10.200.0.0/24",
          "uplinks": [
            "eth0",
          ],
          "zones": [],
        },
        "nextIndex": 3,
        "nodes": [],
        "phase": "creating",
        "settings": {},
        "tls": "offered",
        "topology": "pxc",
        "turn": null,
      }
    `);
    expect({ ...first, link: '' }).toMatchInlineSnapshot(`
      {
        "address": "10.200.0.2",
        "directory": "/var/lib/dbns/clusters/pxc/node1",
        "group": null,
        "image": "mariadb:10.11",
        "index": 1,
        "link": "",
        "log": "/var/lib/dbns/clusters/pxc/node1/server.log",
        "mac": "02:db:0a:c8:00:02",
        "name": "node1",
        "namespace": "dbns-pxc-node1",
        "options": [],
        "phase": "added",
        "ports": {
          "client": 3306,
          "ist": 4568,
          "replication": 4567,
          "sst": 4444,
        },
        "role": "member",
        "server": "mariadb 10.11.19",
        "socket": "/run/dbns/pxc/node1/mysqld.sock",
        "wanted": "running",
      }
    `);
    expect(first?.link).toBe(`${cluster.network.stem}n1`);
    expect(second?.address).toBe('10.200.0.3');
  });

  test("takes what was said, and the topology's defaults for the rest", () => {
    const options = [{ key: 'a', value: null }];
    const spec = { name: 'east', subnet: '10.50.0.0/24', internal: true, memory: 2 ** 28, durable: true, options };
    expect(resolveCluster(ground(spec))).toMatchObject({
      ...{ name: 'east', memory: 2 ** 28, durable: true },
      network: { subnet: '10.50.0.0/24', zones: [{ gateway: '10.50.0.1' }], internal: true, uplinks: [] },
      nodes: Array.from({ length: 3 }, () => ({ options, wanted: 'running' })),
    });
    expect(resolveCluster(ground()).nodes).toHaveLength(3);
  });

  test('every cluster has an id of its own', () => {
    expect(resolveCluster(ground()).id).not.toBe(resolveCluster(ground()).id);
  });

  test('the first free name of the topology', () => {
    const saved = [sampleCluster(1, { name: 'pxc' }), sampleCluster(1, { name: 'pxc2' })];
    expect(resolveCluster(ground({}, { saved })).name).toBe('pxc3');
  });

  test('a subnet that no saved cluster has, running or not', () => {
    expect(resolveCluster(ground({}, { saved: [sampleCluster()] })).network.subnet).toBe('10.200.1.0/24');
  });

  test('64 nodes have 64 addresses, links and sockets that the kernel takes', () => {
    const { nodes } = resolveCluster(ground({ nodes: 64, name: 'a'.repeat(32) }));
    for (const key of ['address', 'mac', 'link', 'namespace', 'socket'] as const) {
      expect(new Set(nodes.map((node) => node[key])).size).toBe(64);
    }
    expect(Math.max(...nodes.map(({ link }) => link.length))).toBeLessThanOrEqual(15);
    expect(Math.max(...nodes.map(({ socket }) => socket.length))).toBeLessThanOrEqual(107);
  });
});

describe('a conflict', () => {
  const NAMED = { name: 'east' };
  const resolve = (...parameters: Parameters<typeof ground>) => {
    return () => resolveCluster(ground(...parameters));
  };

  test('by name', () => {
    expect(resolve(NAMED, { saved: [sampleCluster()] })).toThrow(ConflictError);
    expect(resolve(NAMED, { saved: [sampleCluster()] })).toThrow("The cluster 'east' exists already.");
  });

  test('by subnet, with a route', () => {
    const taken = [{ base: 0x0a320000, prefix: 16, text: 'the route 10.50.0.0/16 dev tun0' }];
    expect(resolve({ subnet: '10.50.1.0/24' }, { observation: { ...NOTHING, taken } })).toThrow(
      'The subnet 10.50.1.0/24 overlaps the route 10.50.0.0/16 dev tun0.',
    );
  });

  test('by subnet, with another cluster', () => {
    expect(resolve({ subnet: '10.200.0.0/16' }, { saved: [sampleCluster()] })).toThrow(
      "overlaps the network 10.200.0.0/24 of the cluster 'east'",
    );
  });

  test.each([
    ['a namespace', { namespaces: ['dbns-east-node2'] }, 'namespace dbns-east-node2'],
    ['an nft table', { tables: ['filter', 'dbns-east'] }, 'nft table dbns-east'],
  ])('with %s', (_, observed, words) => {
    const conflict = resolve(NAMED, { observation: { ...NOTHING, ...observed } });
    expect(conflict).toThrow(ConflictError);
    expect(conflict).toThrow(`There is already, and not by a cluster that dbns knows: ${words}.`);
  });

  test.each([
    ['files for a namespace', '/etc/netns/dbns-east-node1'],
    ['a directory of sockets', '/run/dbns/east'],
  ])('with %s', (_, directory) => {
    expect(resolve(NAMED, {}, { directories: [directory] })).toThrow(`that dbns knows: ${directory}.`);
  });

  test('tells all at once', () => {
    const observation = { ...NOTHING, namespaces: ['dbns-east-node1'], tables: ['dbns-east'] };
    expect(resolve(NAMED, { observation }, { directories: ['/run/dbns/east'] })).toThrow(
      'namespace dbns-east-node1, nft table dbns-east, /run/dbns/east.',
    );
  });

  test("another's namespaces and tables are no conflict", () => {
    const observation = { ...NOTHING, namespaces: ['dbns-west-node1', 'x'], tables: ['dbns-west', 'filter'] };
    expect(resolve(NAMED, { observation })).not.toThrow();
  });
});
