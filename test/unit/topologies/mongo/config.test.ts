import { describe, expect, test } from 'vitest';
import { stepsOf } from '../../../../src/cluster/plan.js';
import type { ServerBuild } from '../../../../src/cluster/server.js';
import { renderPristine } from '../../../../src/servers/mongod/config.js';
import { mongo } from '../../../../src/topologies/mongo/mongo.js';
import { TIMINGS, configOf, setsOf } from '../../../../src/topologies/mongo/replica-set.js';
import { settingsOf } from '../../../../src/topologies/mongo/settings.js';
import { nodeOf, nodeServer, sampleSetting } from '../../../fakes/cluster.js';
import { MONGODB_4_0, MONGODB_8_0, mongoCluster } from '../../../fakes/mongo.js';

function filesOf(words: object, index: number, build: ServerBuild = MONGODB_8_0) {
  const cluster = mongoCluster({ ...words });
  const servers = new Map(cluster.nodes.map(({ name }) => [name, { ...nodeServer(), build }]));
  const steps = stepsOf(mongo.prepare({ ...sampleSetting(cluster), servers }, nodeOf(cluster, index)));
  return steps.flatMap(({ acts }) => acts.flatMap((act) => (act.do === 'write' ? [act] : [])));
}

/** The files are there to be read by a DBA. */
describe('configuration files', () => {
  test.each([
    ['member.conf', {}, 1],
    ['member-auth-arbiters.conf', { auth: true, arbiters: 2 }, 1],
    ['shard.conf', { shards: 1, oplogSize: 990 }, 2],
    ['config-server.conf', { shards: 1 }, 4],
    ['mongos.conf', { shards: 1, auth: true }, 7],
  ] as const)('%s', async (name, words, index) => {
    await expect(filesOf(words, index)[0]?.content).toMatchFileSnapshot(`./__snapshots__/${name}`);
  });

  test('pristine.conf', async () => {
    await expect(renderPristine('/p', 64)).toMatchFileSnapshot('./__snapshots__/pristine.conf');
  });

  test('the key is for its server alone, and the same on all nodes', () => {
    const [, key] = filesOf({ auth: true }, 1);
    expect(key).toMatchObject({ mode: 0o600, owner: 'server' });
    expect(key?.path).toMatch(/node1\/keyfile$/);
    expect(key?.content).toMatch(/^[A-Za-z0-9+/=]{88}$/);
    expect(filesOf({ auth: true }, 2)[1]?.content).toBe(key?.content);
    expect(filesOf({}, 1)).toHaveLength(1);
  });

  test('several arbiters need a parameter from 5.3 on', () => {
    expect(filesOf({ arbiters: 2 }, 1, MONGODB_4_0)[0]?.content).not.toContain('allowMultipleArbiters');
    expect(filesOf({ arbiters: 1 }, 1)[0]?.content).not.toContain('allowMultipleArbiters');
  });
});

describe('the configuration of a set', () => {
  const configured = (words: object, server = MONGODB_8_0) => {
    const cluster = mongoCluster({ ...words });
    return setsOf(cluster).map((set) => configOf(set, settingsOf(cluster), () => server, TIMINGS.standing));
  };

  test('names members by address, with what was said of each', () => {
    const [config] = configured({
      ...{ arbiters: 1, hidden: ['node2'], priorities: { node1: 5 }, delays: { node3: 3600 } },
      tags: { node1: { dc: 'east' } },
    });
    expect(config).toEqual({
      _id: 'rs0',
      protocolVersion: 1,
      members: [
        { _id: 0, host: '10.200.0.2:27017', votes: 1, priority: 5, hidden: false, tags: { dc: 'east' } },
        { _id: 1, host: '10.200.0.3:27017', votes: 1, priority: 0, hidden: true },
        { _id: 2, host: '10.200.0.4:27017', votes: 1, priority: 0, hidden: true, secondaryDelaySecs: 3600 },
        { _id: 3, host: '10.200.0.5:27017', votes: 1, priority: 0, arbiterOnly: true },
      ],
      settings: { electionTimeoutMillis: 10_000, heartbeatIntervalMillis: 2000, catchUpTimeoutMillis: -1 },
    });
  });

  test('before 5.0 a delay has another name', () => {
    expect(configured({ delays: { node3: 60 } }, MONGODB_4_0)[0]?.members).toMatchObject([{}, {}, { slaveDelay: 60 }]);
  });

  test('a sharded cluster has one for each shard, and one that says that it is of config servers', () => {
    expect(configured({ shards: 2 })).toMatchObject([
      { _id: 'shard1' },
      { _id: 'shard2' },
      { _id: 'config', configsvr: true },
    ]);
  });
});
