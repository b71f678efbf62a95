import { describe, expect, test } from 'vitest';
import { stepsOf } from '../../../src/cluster/plan.js';
import { data as mongo } from '../../../src/topologies/mongo/data.js';
import { data as replication } from '../../../src/topologies/replication/data.js';
import { settle } from '../../../src/topologies/replication/settings.js';
import { pathsFrom, sourcesOf, type Shape } from '../../../src/topologies/replication/shapes.js';
import type { Setting } from '../../../src/topologies/topology.js';
import { MYSQL_9_7, nodeOf, nodeServer, sampleCluster, sampleSetting, without } from '../../fakes/cluster.js';
import { fakeMachine } from '../../fakes/machine.js';

const FOUR = ['node1', 'node2', 'node3', 'node4'];

function settingOf(settings: Readonly<Record<string, unknown>>, server = nodeServer()): Setting {
  const settled = settle({ topology: 'replication', nodes: 4, settings });
  const cluster = sampleCluster(4, { topology: 'replication', settings: settled.settings });
  return sampleSetting(cluster, server);
}

describe('what is written at a node', () => {
  const paths = (shape: Shape, at: string) =>
    Object.fromEntries(
      [...pathsFrom(sourcesOf(shape, FOUR), at)].map(([name, path]) => [name, path.map(({ replica }) => replica)]),
    );

  test('travels by every link of a chain, once round a ring, straight among all masters, and not to other sources', () => {
    expect(paths('chain', 'node2')).toEqual({ node2: [], node3: ['node3'], node4: ['node3', 'node4'] });
    expect(paths('ring', 'node3')).toEqual({
      ...{ node3: [], node4: ['node4'] },
      ...{ node1: ['node4', 'node1'], node2: ['node4', 'node1', 'node2'] },
    });
    expect(paths('all-masters', 'node2').node4).toEqual(['node4']);
    expect(paths('fan-in', 'node1')).toEqual({ node1: [], node4: ['node4'] });
  });

  test('is waited for where it arrives, and whoever gets it later or never is told', () => {
    const { cluster } = settingOf({ shape: 'chain' });
    const setting = settingOf({ shape: 'chain' });
    const running = [nodeOf(cluster, 1), nodeOf(cluster, 2), nodeOf(cluster, 4)];
    const { plan, beyond } = replication.arrival(setting, nodeOf(cluster, 1), running);
    expect(stepsOf(plan).map(({ step }) => step)).toEqual(['wait until node2 has caught up with node1']);
    expect(beyond).toEqual(['node4 gets it by way of node3, which does not run.']);
    const gathered = replication.arrival(settingOf({ shape: 'fan-in' }), nodeOf(cluster, 1), cluster.nodes);
    expect(stepsOf(gathered.plan)).toHaveLength(1);
    expect(gathered.beyond).toEqual([2, 3].map((index) => `node${index} gets nothing that is written at node1.`));
  });
});

test('all data is on who neither filters, nor is late, nor is one of several sources', () => {
  const names = (setting: Setting) => replication.whole(setting.cluster).map(({ name }) => name);
  expect(names(settingOf({}))).toEqual(FOUR);
  expect(names(settingOf({ delays: { node2: 60 }, filters: { node3: ['a.%'] } }))).toEqual(['node1', 'node4']);
  expect(names(settingOf({ shape: 'fan-in' }))).toEqual(['node4']);
});

describe('a dump', () => {
  const argv = (server = nodeServer()) => {
    const setting = settingOf({}, server);
    return replication.dumper(setting, nodeOf(setting.cluster), ['shop', '-x'], true).argv;
  };

  test('is of one moment, says nothing of its server, and takes no name for a word', () => {
    expect(argv()).toEqual(expect.arrayContaining(['/usr/bin/mariadb-dump', '--single-transaction', '--routines']));
    expect(argv()).not.toContain('--set-gtid-purged=OFF');
    expect(argv(nodeServer(MYSQL_9_7))).toContain('--set-gtid-purged=OFF');
    expect(argv().slice(-4)).toEqual(['--databases', '--', 'shop', '-x']);
    expect(argv().join(' ')).not.toContain('secret');
  });

  test('needs a program that dumps', () => {
    expect(() => argv(nodeServer(without(MYSQL_9_7, 'dump')))).toThrow('has no program that dumps');
  });
});

describe('a loader', () => {
  test('takes a directory of mydumper, and no other', () => {
    const load = (files: Readonly<Record<string, string>>) => {
      const setting = { ...settingOf({}), machine: fakeMachine({ files, directories: ['/d'] }) };
      return replication.loader(setting, nodeOf(setting.cluster), { directory: '/d', database: 'shop' });
    };
    expect(() => load({})).toThrow("/d is a directory, and not one of mydumper: it has no file 'metadata'.");
    const { at, argv } = load({ '/d/metadata': '' });
    expect(at).toBe('machine');
    // Without it the rows would be on one node alone.
    expect(argv).toEqual(expect.arrayContaining(['myloader', '--enable-binlog', '--database', 'shop']));
  });

  test("of MongoDB is the image's, or else the machine's; its password is in a file", () => {
    const cluster = sampleCluster(3, { topology: 'mongo', settings: { auth: true } });
    const loader = (programs: Readonly<Record<string, string>>) => {
      const build = { dialect: 'mongodb', version: '8.0.4', programs };
      return mongo.loader(sampleSetting(cluster, nodeServer(build)), nodeOf(cluster), {
        directory: null,
        database: 'shop',
      });
    };
    const own = loader({ restore: '/usr/bin/mongorestore' });
    expect(own).toMatchObject({ at: 'network', file: expect.stringContaining('dbns:secret@10.200.0.2') as string });
    expect(own.argv.slice(0, 2)).toEqual(['/usr/bin/mongorestore', '--config']);
    expect(own.argv).toEqual(expect.arrayContaining(['--archive', '--nsExclude=admin.*', '--nsInclude=shop.*']));
    expect(own.argv.join(' ')).not.toContain('secret');
    expect(loader({}).argv[0]).toBe('mongorestore');
    expect(loader({}).at).toBe('machine');
  });
});
