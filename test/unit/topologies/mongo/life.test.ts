import { describe, expect, test } from 'vitest';
import type { Cluster, Node } from '../../../../src/cluster/cluster.js';
import { stepsOf, type AskContext } from '../../../../src/cluster/plan.js';
import type { ServerBuild } from '../../../../src/cluster/server.js';
import { ConflictError, UsageError } from '../../../../src/errors/errors.js';
import { life } from '../../../../src/topologies/mongo/life.js';
import { nodeOf, nodeServer, sampleSetting } from '../../../fakes/cluster.js';
import { fakeMachine, type FakeMachine } from '../../../fakes/machine.js';
import { MONGODB_4_0, MONGODB_8_0, mongoCluster } from '../../../fakes/mongo.js';

const names = (nodes: readonly Node[]) => nodes.map(({ name }) => name);
/** node1, node2: shard1; node3, node4: shard2; node5 to node7: config servers; node8: a router. */
const sharded = () => mongoCluster({ shards: 2 }, 2);
const limits = { signal: new AbortController().signal, deadline: Date.now() + 1000 };

/** The roles that were seen last: of the set it is node2 that is primary. */
const failedOver = (cluster: Cluster): Cluster => ({
  ...cluster,
  nodes: cluster.nodes.map((node) => ({ ...node, role: node.name === 'node2' ? 'primary' : 'secondary' })),
});

function settingOf(cluster: Cluster, machine?: FakeMachine, build: ServerBuild = MONGODB_8_0) {
  return sampleSetting(cluster, { ...nodeServer(), build }, machine);
}

const recover = (cluster: Cluster, starting: readonly Node[], running: readonly Node[] = [], machine?: FakeMachine) =>
  life.recover(
    { setting: settingOf(cluster, machine), starting, running, resting: [], looksOnly: false, bootstrap: null },
    limits,
  );

async function stepsToStart(...words: Parameters<typeof recover>): Promise<readonly string[]> {
  const { ways } = await recover(...words);
  return ways.flatMap(({ plan }) => stepsOf(plan)).map(({ step }) => step);
}

describe('who stops when', () => {
  test('in a set the primary is last, as it was seen last', () => {
    expect(life.stopOrder(failedOver(mongoCluster())).map(names)).toEqual([['node1', 'node3'], ['node2']]);
    expect(life.stopOrder(mongoCluster({ arbiters: 1 }, 2)).map(names)).toEqual([['node2', 'node3'], ['node1']]);
  });

  test('in a sharded cluster routers, shards, config servers', () => {
    expect(life.stopOrder(sharded()).map(names)).toEqual([
      ['node8'],
      ['node2', 'node4'],
      ['node1', 'node3'],
      ['node6', 'node7'],
      ['node5'],
    ]);
  });

  test('a set of one', () => {
    expect(life.stopOrder(mongoCluster({}, 1)).map(names)).toEqual([['node1']]);
  });
});

describe('before it stops', () => {
  const told = (index: number, build = MONGODB_8_0) => {
    const plan = life.beforeStop(settingOf(sharded(), undefined, build), nodeOf(sharded(), index));
    return plan === null
      ? []
      : stepsOf(plan).flatMap(({ acts }) => acts.map((act) => (act.do === 'ask' ? act.what : '')));
  };

  test('a server of 5.0 and later is told not to serve on for 15 s', () => {
    expect(told(2)).toEqual(['node2 over its socket: {"setParameter":1,"shutdownTimeoutMillisForSignaledShutdown":0}']);
    expect(told(1).join()).toContain('"shutdownTimeoutMillisForSignaledShutdown":1000}');
    expect(told(8).join()).toContain('"mongosShutdownTimeoutMillisForSignaledShutdown":0}');
  });

  test('an older one has no such thing', () => {
    expect(told(1, MONGODB_4_0)).toEqual([]);
  });

  test('one that does not answer is no failure', async () => {
    const plan = life.beforeStop(settingOf(mongoCluster()), nodeOf(mongoCluster()));
    const [act] = plan === null ? [] : stepsOf(plan).flatMap(({ acts }) => acts);
    if (act?.do !== 'ask') throw new Error('nobody is asked');
    await expect(act.ask({ ...contextOf(), deadline: Date.now() + 50 })).resolves.toBeUndefined();
  });
});

describe('a start', () => {
  test('of a whole set: all at once, until they are members of a set with a primary and have a new write', async () => {
    const cluster = mongoCluster({}, 2);
    const { ways, notes } = await recover(cluster, cluster.nodes);
    expect(notes).toEqual(['rs0 elects its primary by itself.']);
    expect(ways).toHaveLength(1);
    expect(await stepsToStart(cluster, cluster.nodes)).toEqual([
      'start node1',
      'wait until node1 is a member of rs0, which has a primary',
      'start node2',
      'wait until node2 is a member of rs0, which has a primary',
      'see that a write reaches node1, node2',
      'look whether a member rolled back what it alone had',
    ]);
  });

  test('needs no address of the pristine set', async () => {
    const cluster = mongoCluster();
    const { ways, finish } = await recover(cluster, cluster.nodes);
    const acts = [...ways.map(({ plan }) => plan), finish].flatMap(stepsOf).flatMap((step) => step.acts);
    expect(new Set(acts.map((act) => act.do))).toEqual(new Set(['spawn', 'ask']));
    expect(JSON.stringify(acts)).not.toContain('169.254.27.17');
  });

  test('whoever was primary last stands, and nobody else', async () => {
    const cluster = failedOver(mongoCluster());
    const { ways } = await recover(cluster, cluster.nodes);
    const asked = ways.flatMap(({ plan }) => stepsOf(plan)).flatMap(({ acts }) => acts);
    const standing = asked.flatMap((act) => (act.do === 'ask' && act.what.includes('replSetStepUp') ? [act.what] : []));
    expect(standing).toEqual([expect.stringMatching(/^node2 over its socket/)]);
  });

  test('of a sharded cluster: config servers, shards, routers', async () => {
    const cluster = sharded();
    const started = (await stepsToStart(cluster, cluster.nodes)).filter((step) =>
      /^(start|see|wait until node8)/.test(step),
    );
    expect(started).toEqual([
      ...['start node5', 'start node6', 'start node7', 'see that a write reaches node5, node6, node7'],
      ...['start node1', 'start node2', 'see that a write reaches node1, node2'],
      ...['start node3', 'start node4', 'see that a write reaches node3, node4'],
      ...['start node8', 'wait until node8 answers'],
    ]);
    const { ways } = await recover(cluster, cluster.nodes);
    const parts = ways.map(({ plan }) => ('sequence' in plan ? plan.sequence.length : 0));
    expect(parts).toEqual([4]);
  });

  test('of one beside others that run', async () => {
    const cluster = mongoCluster();
    const [node1, ...others] = cluster.nodes;
    if (node1 === undefined) throw new Error('no node');
    const steps = await stepsToStart(cluster, [node1], others);
    expect(steps.filter((step) => step.startsWith('start'))).toEqual(['start node1']);
    const { finish } = await recover(cluster, [node1], others);
    expect(stepsOf(finish).map(({ step }) => step)).toEqual(['log in on node1 at its address']);
  });

  test('of too few for an election waits for no primary, and says so', async () => {
    const cluster = mongoCluster();
    const one = [nodeOf(cluster, 3)];
    expect((await recover(cluster, one)).notes).toEqual([
      'rs0 can elect no primary, and takes no writes. There of its 3 voters: node3.',
    ]);
    expect(await stepsToStart(cluster, one)).toEqual([
      'start node3',
      'wait until node3 is a member of rs0',
      'look whether a member rolled back what it alone had',
    ]);
  });

  test('of a router alone is refused where no config server runs', () => {
    const cluster = sharded();
    const router = nodeOf(cluster, 8);
    expect(() => recover(cluster, [router])).toThrow(ConflictError);
    expect(() => recover(cluster, [router])).toThrow('node8: a router comes up when a config server runs');
    expect(() => recover(cluster, [router], [nodeOf(cluster, 6)])).not.toThrow();
  });

  test('of nothing has nothing to do', async () => {
    const cluster = mongoCluster();
    const { notes, ways, finish } = await recover(cluster, [], cluster.nodes);
    expect([notes, ways, stepsOf(finish)]).toEqual([[], [], []]);
  });

  test('knows no --bootstrap', () => {
    const cluster = mongoCluster();
    const request = {
      ...{ setting: settingOf(cluster), starting: cluster.nodes, running: [], resting: [], looksOnly: false },
      bootstrap: nodeOf(cluster),
    };
    expect(() => life.recover(request, limits)).toThrow(UsageError);
  });
});

test('files of a rollback are told, but for those that were there before', async () => {
  const cluster = mongoCluster();
  const place = '/var/lib/dbns/clusters/east/node2/data/rollback/shop.orders';
  const machine = fakeMachine({ files: { [`${place}/removed.1.bson`]: '' } });
  const { ways } = await recover(cluster, cluster.nodes, [], machine);
  const last = ways.flatMap(({ plan }) => stepsOf(plan)).at(-1)?.acts[0];
  if (last?.do !== 'ask') throw new Error('nobody looks');
  const said: string[] = [];
  const tell = (sentence: string) => said.push(sentence);
  await last.ask({ ...contextOf(), tell });
  expect(said).toEqual([]);
  await machine.files.write(`${place}/removed.2.bson`, 'x');
  await last.ask({ ...contextOf(), tell });
  expect(said).toEqual([
    'node2 rolled back what it alone had written: a file for bsondump in /var/lib/dbns/clusters/east/node2/data/rollback',
  ]);
});

function contextOf(): AskContext {
  return {
    ...{ signal: new AbortController().signal, deadline: Date.now() + 1000 },
    ...{ endOf: () => null, firstEnd: () => null, tell: () => undefined },
  };
}
