import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { endpointOf } from '../../../src/lifecycle/network/endpoint.js';
import type { ClusterNetworks } from '../../../src/lifecycle/network/view.js';
import { describeNetwork } from '../../../src/lifecycle/status.js';
import { readInterfaces } from '../../../src/network/interfaces.js';
import { sampleCluster } from '../../fakes/cluster.js';

const read = (file: string) => readFileSync(path.join(import.meta.dirname, '../../..', file), 'utf8');
const recorded = (name: string) => readInterfaces(read(`test/unit/network/recorded/${name}.txt`));
const schema = JSON.parse(read('schema/network.schema.json')) as AnySchemaObject;
const isValid = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);

const cluster = sampleCluster(2);
const { internal, mtu, uplinks } = cluster.network;
const { zones, bridge, ...whole } = describeNetwork(cluster.network);
const machine = new Map(recorded('ip-links-of-cluster').map((each) => [each.name, each]));
const inside = new Map(recorded('ip-inside-node').map((each) => [each.name, each]));
const endpoints = cluster.nodes.map((node) =>
  endpointOf(cluster.network, node, {
    machine,
    nodes: new Map<string, typeof inside | string>([
      ['node1', inside],
      ['node2', 'gone'],
    ]),
  }),
);
const network = {
  ...{ ...whole, bridge, internal, mtu, uplinks, endpoints, amiss: ['something'] },
  zones: zones.map((zone) => ({ ...zone, interface: null })),
  interface: machine.get(bridge ?? '') ?? null,
  rules: { tables: [{ table: 'inet dbns-east', state: 'in force' }], sentences: ['Nodes reach each other.'] } as const,
};
const view: ClusterNetworks = { cluster: 'east', networks: [network] };
const broken: ClusterNetworks = { cluster: 'odd', networks: [], broken: { why: 'It is empty.', advice: [] } };
const check = (document: unknown) => isValid(JSON.parse(JSON.stringify(document)));

test('the schema takes what network prints, broken clusters and what is gone too', () => {
  expect(network.interface).not.toBeNull();
  expect(endpoints.map((each) => each.inside === null)).toEqual([false, true]);
  expect(check({ clusters: [view, broken] }), JSON.stringify(isValid.errors)).toBe(true);
  expect(check({ clusters: [] })).toBe(true);
  expect(check({ clusters: [{ cluster: 'east', networks: [{ ...network, interface: null }] }] })).toBe(true);
});

test.each<[string, unknown]>([
  ['no rules', { ...network, rules: undefined }],
  ['a word that is not in the contract', { ...network, extra: 1 }],
  ['an endpoint without its node', { ...network, endpoints: [{ ...endpoints[0], node: undefined }] }],
  ['an unknown state of the table', { ...network, rules: { ...network.rules, state: 'fine' } }],
])('the schema refuses %s', (_, changed) => {
  expect(check({ clusters: [{ cluster: 'east', networks: [changed] }] })).toBe(false);
});
