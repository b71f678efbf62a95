import { describe, expect, test } from 'vitest';
import type { ServerBuild } from '../../../../src/cluster/server.js';
import { cacheOf } from '../../../../src/servers/mongod/memory.js';
import { mongodLog } from '../../../../src/servers/mongod/log.js';
import { assertOptions, optionWords } from '../../../../src/servers/mongod/options.js';
import { readVersion } from '../../../../src/servers/mongod/inspect.js';
import { UsageError } from '../../../../src/errors/errors.js';
import { mongo } from '../../../../src/topologies/mongo/mongo.js';
import type { Role } from '../../../../src/topologies/routes.js';
import { doorAt, nodeOf, without } from '../../../fakes/cluster.js';
import { MONGODB_4_0, MONGODB_8_0, mongoCluster } from '../../../fakes/mongo.js';

const MIB = 1024 * 1024;

describe('check', () => {
  const check = (words: object, ...servers: ServerBuild[]) => {
    const byNode = new Map(servers.map((server, index) => [`node${index + 1}`, server]));
    const { settings } = mongo.settle({ topology: 'mongo', settings: { ...words } });
    return () => {
      mongo.check(byNode, { settings, memory: null, options: [] });
    };
  };

  test('takes one server for all', () => {
    expect(check({}, MONGODB_8_0, MONGODB_8_0)).not.toThrow();
    expect(check({}, MONGODB_8_0, MONGODB_4_0)).toThrow('all nodes are of one image, not of mongodb 8.0.4 and mongodb');
  });

  test('refuses what is too old, and a sharded cluster without mongos', () => {
    expect(check({}, { ...MONGODB_8_0, version: '3.6.23' })).toThrow('mongodb 3.6.23 is too old: mongo needs 4.0');
    expect(check({ shards: 1 }, without(MONGODB_8_0, 'router'))).toThrow('no mongos beside it');
    expect(check({}, without(MONGODB_8_0, 'router'))).not.toThrow();
  });
});

describe('connection', () => {
  const connectionOf = (
    words: object,
    index: number,
    named = false,
    role: Role = 'primary',
    database: string | null = null,
  ) => {
    const cluster = mongoCluster({ ...words });
    const door = doorAt(nodeOf(cluster, index), named, { role });
    return mongo.connection(cluster, door, { password: 'p@ss', database });
  };
  const uriOf = (...words: Parameters<typeof connectionOf>) => connectionOf(...words).uri;

  test('one URI by which drivers discover the set', () => {
    expect(uriOf({ arbiters: 1 }, 1)).toBe(
      'mongodb://10.200.0.2:27017,10.200.0.3:27017,10.200.0.4:27017/?replicaSet=rs0',
    );
  });

  test('in which hidden and delayed members are not named', () => {
    expect(uriOf({ hidden: ['node2'], delays: { node3: 60 } }, 1)).toBe('mongodb://10.200.0.2:27017/?replicaSet=rs0');
  });

  test('and every seed of it is a host', () => {
    expect(connectionOf({ arbiters: 1 }, 2).hosts).toEqual([
      '10.200.0.2:27017',
      '10.200.0.3:27017',
      '10.200.0.4:27017',
    ]);
    expect(connectionOf({}, 2, true).hosts).toEqual(['10.200.0.3:27017']);
  });

  test('by the role it says from whom is read', () => {
    expect(uriOf({ hidden: ['node3'] }, 1, false, 'replica')).toBe(
      'mongodb://10.200.0.2:27017,10.200.0.3:27017/?replicaSet=rs0&readPreference=secondary',
    );
    expect(uriOf({ shards: 1 }, 7, false, 'any')).toBe('mongodb://10.200.0.8:27017/?readPreference=primaryPreferred');
  });

  test('begins with a database', () => {
    expect(uriOf({ auth: true }, 2, true, 'primary', 'shop')).toBe(
      'mongodb://dbns:p%40ss@10.200.0.3:27017/shop?directConnection=true&authSource=admin',
    );
    for (const name of ['', 'a.b', 'a b', 'a/b', 'x'.repeat(64)]) {
      expect(() => uriOf({}, 1, false, 'primary', name)).toThrow(UsageError);
    }
  });

  test('is written as a URI alone', () => {
    expect(() => mongo.write(connectionOf({}, 1), 'jdbc')).toThrow('--format jdbc: drivers of MongoDB take its URI');
  });

  test('a node that was named is meant alone', () => {
    expect(uriOf({}, 2, true)).toBe('mongodb://10.200.0.3:27017/?directConnection=true');
  });

  test('with a password', () => {
    expect(uriOf({ auth: true }, 2, true)).toBe(
      'mongodb://dbns:p%40ss@10.200.0.3:27017/?directConnection=true&authSource=admin',
    );
  });

  test('an arbiter knows no account', () => {
    expect(uriOf({ auth: true, arbiters: 1 }, 4, true)).toBe('mongodb://10.200.0.5:27017/?directConnection=true');
  });

  test('a sharded cluster by its routers', () => {
    expect(uriOf({ shards: 1, routers: 2 }, 7)).toBe('mongodb://10.200.0.8:27017,10.200.0.9:27017/');
    expect(uriOf({ shards: 1, routers: 2 }, 8, true)).toBe('mongodb://10.200.0.9:27017/');
    expect(uriOf({ shards: 1 }, 4, true)).toBe('mongodb://10.200.0.5:27017/?directConnection=true');
  });
});

describe('client', () => {
  const cluster = mongoCluster({ auth: true, arbiters: 1 });
  const open = (server: ServerBuild) => mongo.client(cluster, doorAt(nodeOf(cluster), false), server, 'secret');

  test('reads the password from a file', () => {
    const { argv, file } = open(MONGODB_8_0);
    expect(argv.join(' ')).toBe('/usr/bin/mongosh --norc --nodb --shell /run/dbns-client');
    expect(file).toMatch(/^db = connect\("mongodb:\/\/dbns:secret@.*replicaSet=rs0.*"\);\n$/);
  });

  test('without a password is given the URI itself', () => {
    const plain = mongoCluster();
    const { argv } = mongo.client(plain, doorAt(nodeOf(plain, 2), true), MONGODB_8_0, 'secret');
    expect(argv).toEqual(['/usr/bin/mongosh', '--norc', 'mongodb://10.200.0.3:27017/?directConnection=true']);
  });

  test('an image without a shell says what to install', () => {
    expect(() => open(without(MONGODB_8_0, 'client'))).toThrow('no MongoDB shell');
  });
});

test('the cache follows the budget, and is small without one', () => {
  expect(cacheOf(null)).toBe(64 * MIB);
  expect(cacheOf(1024 * MIB)).toBe(755 * MIB);
  expect(() => cacheOf(64 * MIB)).toThrow('--memory 64M is too little for a node: the least is 112M.');
});

test.each([
  ['db version v4.0.3\ngit version: nogitversion\n', '4.0.3'],
  ['db version v8.0.4\nBuild Info: {', '8.0.4'],
  ['mongod: error while loading shared libraries', null],
])('readVersion of %j', (said, version) => {
  expect(readVersion(said)).toBe(version);
});

test('an option that the server does not know is the word of the user', () => {
  expect(mongodLog.explain("Error parsing command line: unrecognised option '--nonsense'")?.message).toBe(
    "The server does not know the option 'nonsense'.",
  );
  expect(mongodLog.explain('something else')).toBeNull();
});

test("a mongod's own errors come first, in either form of its log", () => {
  const old = ['2026-11-26T04:38:46.000+0000 I CONTROL  [main] one', '2026-11-26T04:38:46.100+0000 E STORAGE  [i] two'];
  expect(mongodLog.tell(old.join('\n'))).toEqual([old[1], old[0]]);
  const json = ['{"t":{"$date":"a"},"s":"I","msg":"Build Info"}', '{"t":{"$date":"b"},"s":"I","msg":"one"}'];
  const fatal = '{"t":{"$date":"c"},"s":"F", "c":"STORAGE","msg":"two"}';
  expect(mongodLog.tell([...json, fatal].join('\n'))).toEqual([fatal, json[1]]);
});

describe("the engine's configuration", () => {
  const words = (key: string, value: string, budget: number | null = null) => optionWords([{ key, value }], budget);

  test("of the user's goes over the bound of the cache, and does not take it away", () => {
    expect(words('wiredTigerEngineConfigString', 'eviction_target=60', 1024 * MIB)).toEqual([
      '--wiredTigerEngineConfigString',
      'cache_size=755M,eviction_target=60',
    ]);
  });

  test('a cache of a size that the user says is that large', () => {
    expect(words('wiredTigerCacheSizeGB', '0.5')).toEqual(['--wiredTigerEngineConfigString', 'cache_size=512M']);
    expect(() => {
      assertOptions([{ key: 'wiredTigerCacheSizeGB', value: 'much' }]);
    }).toThrow("'wiredTigerCacheSizeGB' is a number of GB.");
  });

  test('is left alone otherwise', () => {
    expect(words('slowms', '7')).toEqual(['--slowms', '7']);
  });
});
