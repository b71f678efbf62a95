import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { describeBroken, describeCluster, describeNode } from '../../../src/lifecycle/status.js';
import type { ClusterView, NodeView } from '../../../src/lifecycle/view.js';
import { readHealth } from '../../../src/topologies/pxc/health.js';
import { sampleCluster } from '../../fakes/cluster.js';

const file = path.join(import.meta.dirname, '../../../schema/cluster.schema.json');
const schema = JSON.parse(readFileSync(file, 'utf8')) as AnySchemaObject;
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
ajv.addSchema(schema, 'dbns');

/** What is wrong with a document; nothing when it is right. */
function wrong(document: unknown, part = ''): readonly string[] {
  const validate = ajv.getSchema(`dbns${part}`);
  if (validate === undefined) throw new Error(`no ${part}`);
  // As scripts get it: through JSON.
  return validate(JSON.parse(JSON.stringify(document)))
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

const cluster = sampleCluster(2);
const nodes = cluster.nodes.map((node) => ({
  ...describeNode(node, { pid: 12, memory: 88_000_000 }, 'running'),
  ...readHealth(
    { wsrep_local_state_comment: 'Synced', wsrep_cluster_size: '2', wsrep_ready: 'ON' },
    { least: 2, most: 2 },
  ),
}));
const view = describeCluster(cluster, nodes, 'running');
const broken = describeBroken({
  ...{ name: 'odd', changedAt: '2026-01-02T03:04:05.678Z', why: 'It is empty.', advice: ['dbns destroy odd'] },
  ...{ subnets: [], images: [] },
});
const CLUSTER = '#/$defs/cluster';

describe('the schema takes', () => {
  test('a broken cluster, which has what is wrong instead of nodes', () => {
    expect(wrong({ clusters: [broken, view] })).toEqual([]);
    expect(wrong({ ...broken, state: 'stopped' }, CLUSTER)).not.toEqual([]);
    expect(wrong({ ...view, broken: broken.broken }, CLUSTER)).not.toEqual([]);
  });

  test('a cluster, as create prints it', () => {
    expect(wrong(view, CLUSTER)).toEqual([]);
    expect(wrong(view)).toEqual([]);
  });

  test('clusters, as status and list print them, none too', () => {
    expect(wrong({ clusters: [view, view] }, '#/$defs/clusters')).toEqual([]);
    expect(wrong({ clusters: [] })).toEqual([]);
  });

  test.each(['creating', 'running', 'degraded', 'stopped', 'resetting', 'failed'] as const)('the state %s', (state) => {
    expect(wrong(describeCluster(cluster, nodes, state), CLUSTER)).toEqual([]);
  });

  test.each(['running', 'stopped', 'paused', 'unresponsive', 'dead', 'missing'] as const)(
    'a process that is %s',
    (process) => {
      const gone = cluster.nodes.map((node) => describeNode(node, { pid: null, memory: null }, process));
      expect(wrong(describeCluster(cluster, gone, 'degraded'), CLUSTER)).toEqual([]);
    },
  );

  test('a node whose server ended, by a signal or by itself', () => {
    const [first] = cluster.nodes;
    if (first === undefined) throw new Error('no node');
    const at = '2026-01-02T12:03:04Z';
    const ended = (exit: NodeView['exit']) => describeNode(first, { pid: null, memory: null }, 'dead', exit);
    const nodesOf = (exit: NodeView['exit']) => describeCluster(cluster, [ended(exit)], 'degraded');
    expect(wrong(nodesOf({ code: 1, signal: null, at }), CLUSTER)).toEqual([]);
    expect(wrong(nodesOf({ code: null, signal: 'SIGKILL', at }), CLUSTER)).toEqual([]);
    expect(wrong(nodesOf({ code: null, signal: null, at }), CLUSTER)).not.toEqual([]);
    expect(wrong(nodesOf({ code: 1, signal: 'SIGKILL', at }), CLUSTER)).not.toEqual([]);
  });

  test('a node of a shard, and words of other topologies in its status', () => {
    const shard = view.nodes.map((node) => ({
      ...node,
      group: 'shard1',
      role: 'primary',
      status: { lagSeconds: 0.5, gtid: null, channels: [{ source: 'node1', lagSeconds: null }] },
    }));
    expect(wrong({ ...view, topology: 'mongo', nodes: shard }, CLUSTER)).toEqual([]);
  });

  test('an error', () => {
    expect(wrong({ error: { code: 'DBNS_USAGE', message: 'No.', suggestions: ['dbns --help'] } })).toEqual([]);
  });
});

describe('the schema refuses', () => {
  const [node] = view.nodes;
  const withNode = (changes: object) => ({ ...view, nodes: [{ ...node, ...changes }] });

  test.each<[string, unknown]>([
    ['nothing', {}],
    ['a list', [view]],
    ['an unknown state', { ...view, state: 'fine' }],
    ['a time of another form', { ...view, createdAt: '2026-01-02' }],
    ['a bad name', { ...view, name: 'a/b' }],
    ['a word that is not in the contract', { ...view, password: 'x' }],
    ['a word of a node that is not in the contract', withNode({ mac: '02:db' })],
    ['a node without an address', withNode({ address: undefined })],
    ['a node with a host name for an address', withNode({ address: 'node1' })],
    ['an unknown process', withNode({ process: 'unknown' })],
    ['a pid in words', withNode({ pid: '12' })],
    ['a port too high', withNode({ ports: { client: 70_000 } })],
    ['no port for clients', withNode({ ports: { sst: 4444 } })],
    ['a status with a list of words in it', withNode({ status: { members: ['node1'] } })],
    ['no nodes', { ...view, nodes: [] }],
    ['a network without its subnet', { ...view, networks: [{ name: 'net1', gateway: '10.0.0.1', bridge: 'b' }] }],
  ])('%s', (_, document) => {
    expect(wrong(document, CLUSTER)).not.toEqual([]);
  });

  test.each<[string, unknown]>([
    ['no code', { error: { message: 'No.', suggestions: [] } }],
    ['a code of another house', { error: { code: 'EPERM', message: 'No.', suggestions: [] } }],
    ['no suggestions', { error: { code: 'DBNS_USAGE', message: 'No.' } }],
    ['a stack', { error: { code: 'DBNS_USAGE', message: 'No.', suggestions: [], stack: '' } }],
    ['an error beside a cluster', { ...view, error: { code: 'DBNS_USAGE', message: 'No.', suggestions: [] } }],
  ])('an error with %s', (_, document) => {
    expect(wrong(document)).not.toEqual([]);
  });
});

test('the schema names what the types name', () => {
  const { $defs } = schema as { $defs: Record<string, { properties?: object }> };
  const words = (part: string) => Object.keys($defs[part]?.properties ?? {}).sort();
  const keys = (value: object | undefined) => Object.keys(value ?? {}).sort();
  expect(words('cluster')).toEqual(keys({ ...view, ...broken } satisfies ClusterView));
  expect(words('node')).toEqual(keys(view.nodes[0]));
  expect(words('network')).toEqual(keys(view.networks[0]));
});
