import { describe, expect, test } from 'vitest';
import type { ClusterSpec } from '../../../../src/cluster/cluster.js';
import { buildOf, wishFor, wordsOf } from '../../../../src/lifecycle/birth/standby/match.js';
import { checkWords, type Wanted } from '../../../../src/lifecycle/resolve.js';
import { saveWish } from '../../../../src/state/wishes.js';
import { replication } from '../../../../src/topologies/replication/replication.js';
import { nodeServer } from '../../../fakes/cluster.js';
import { fakeMachine } from '../../../fakes/machine.js';

const wanted = (spec: Partial<ClusterSpec> = {}): Wanted => {
  const whole = { topology: 'replication', settings: { shape: 'star', gtid: true }, ...spec };
  return { topology: replication, ...checkWords(whole, replication) };
};
const usual = wordsOf(wanted());

describe('the words of a standby', () => {
  test.each<[string, Partial<ClusterSpec>]>([
    ['how many nodes there are by default', { nodes: 3 }],
    ['the image by default', { image: 'mysql:9.7' }],
    ['one image for each', { nodeImages: { node1: 'mysql:9.7', node2: 'mysql:9.7', node3: 'mysql:9.7' } }],
    ['the pool by default', { pool: '10.200.0.0/16' }],
    ['the MTU by default', { mtu: 1500 }],
    ['no', { durable: false, internal: false, options: [] }],
    ['a name', { name: 'east' }],
  ])('are the same where somebody says %s', (_, spec) => {
    expect(wordsOf(wanted(spec))).toBe(usual);
  });

  test.each<[string, Partial<ClusterSpec>]>([
    ['nodes', { nodes: 2 }],
    ['image', { image: 'mariadb:10.11' }],
    ['image of one', { nodeImages: { node2: 'mariadb:10.11' } }],
    ['memory', { memory: 2 ** 29 }],
    ['durable', { durable: true }],
    ['internal', { internal: true }],
    ['pool', { pool: '10.9.0.0/16' }],
    ['MTU', { mtu: 1400 }],
    ['options', { options: [{ key: 'a', value: '1' }] }],
    ['shape', { settings: { shape: 'chain', gtid: true } }],
  ])('are others by another %s', (_, spec) => {
    expect(wordsOf(wanted(spec))).not.toBe(usual);
  });

  test('do not care where an option was written, but in which order', () => {
    const [a, b] = [
      { key: 'a', value: '1', origin: 'my.cnf:3' },
      { key: 'b', value: null },
    ];
    const plain = { key: 'a', value: '1' };
    expect(wordsOf(wanted({ options: [a, b] }))).toBe(wordsOf(wanted({ options: [plain, b] })));
    expect(wordsOf(wanted({ options: [a, b] }))).not.toBe(wordsOf(wanted({ options: [b, a] })));
  });
});

describe('a wish', () => {
  const wish = { id: 's1', words: '', spec: { topology: 'replication', settings: { shape: 'star', gtid: true } } };

  test.each<[string, Partial<ClusterSpec>, boolean]>([
    ['the same words', { nodes: 3 }, true],
    ['other words', { nodes: 2 }, false],
    ['a network of its own', { subnet: '10.9.0.0/24' }, false],
    ['a password of its own', { password: 'x' }, false],
    ['data', { init: ['a.sql'] }, false],
    ['a sample', { sample: true }, false],
  ])('is for %s: %j, %s', async (_, spec, isFor) => {
    const machine = fakeMachine();
    await saveWish(machine, { ...wish, ready: 1, timeout: 1000 });
    expect((await wishFor(machine, wanted(spec)))?.id).toBe(isFor ? 's1' : undefined);
  });

  test('of words that this dbns does not know is for nobody, and keeps nobody', async () => {
    const machine = fakeMachine();
    await saveWish(machine, { ...wish, spec: { topology: 'replication', nodes: 99 }, ready: 1, timeout: 1000 });
    expect(await wishFor(machine, wanted())).toBeNull();
  });
});

test('an image that was made anew is another build', () => {
  const build = (of: string) => {
    const server = nodeServer();
    const servers = new Map([['node1', { ...server, image: { ...server.image, build: of } }]]);
    return buildOf({ servers, recipes: new Map() });
  };
  expect(build('a')).toBe(build('a'));
  expect(build('a')).not.toBe(build('b'));
});
