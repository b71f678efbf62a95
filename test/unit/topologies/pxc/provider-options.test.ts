import { describe, expect, test } from 'vitest';
import type { Cluster, ServerOption } from '../../../../src/cluster/cluster.js';
import {
  providerInForce,
  assertProviderOptions,
  formatOptions,
  formingOptions,
  isProviderOption,
  joiningOptions,
  lastingOptions,
  meetingOptions,
  ownOptions,
  leavingOptions,
  partingOptions,
  parseOptions,
  restoredOptions,
  restoringStatements,
  settingStatements,
} from '../../../../src/topologies/pxc/provider-options.js';
import { nodeOf, sampleCluster, zonedCluster } from '../../../fakes/cluster.js';

const given = (value: string | null, key = 'wsrep_provider_options'): ServerOption => ({ key, value });
const lasting = (...options: ServerOption[]) => formatOptions(ownOptions(8, options));

describe('lastingOptions', () => {
  test('are ours alone when the user gave none', () => {
    expect(lasting(given('500', 'max_connections'))).toBe('gcache.size=8');
  });

  test("are ours, and over them the user's, the last word last", () => {
    expect(
      lasting(given('gcs.fc_limit=64; gcache.size=128M'), given('gcs.fc_limit=32', 'Wsrep-Provider-Options')),
    ).toBe('gcache.size=128M;gcs.fc_limit=32');
  });

  test('take quotes off', () => {
    expect(lasting(given('"gcs.fc_limit=64;pc.weight=2"'))).toBe('gcache.size=8;gcs.fc_limit=64;pc.weight=2');
    expect(lasting(given(null))).toBe('gcache.size=8');
  });
});

test.each([
  given('gcs.fc_limit=64; gmcast.listen_addr=tcp://0.0.0.0:5567'),
  given('"ist.recv_bind=10.0.0.1"', 'Wsrep-Provider-Options'),
  given('5567', 'wsrep_provider_base_port'),
  given('5567', 'loose-wsrep-provider-base-port'),
])('an option that moves where nodes meet is refused: %j', (option) => {
  expect(() => {
    assertProviderOptions([option]);
  }).toThrow(/^Galera's '[a-z._]+' says where nodes meet/);
});

test('other options of Galera are not', () => {
  assertProviderOptions([given('gcs.fc_limit=64;pc.weight=2'), given('500', 'max_connections')]);
});

test('isProviderOption', () => {
  expect(isProviderOption(given('', 'wsrep-provider-options'))).toBe(true);
  expect(isProviderOption(given('', 'wsrep_provider'))).toBe(false);
});

describe('formingOptions', () => {
  const forming = (nodes: number, ...options: ServerOption[]) =>
    formatOptions(formingOptions(ownOptions(8, options), nodes));

  test.each([
    [1, 'PT0.1S', 'evs.install_timeout=PT0.5S;'],
    [4, 'PT0.1S', 'evs.install_timeout=PT0.5S;'],
    [8, 'PT0.16S', 'evs.install_timeout=PT0.8S;'],
    [16, 'PT0.32S', 'evs.install_timeout=PT1.6S;'],
    [17, 'PT1S', ''],
    [64, 'PT1S', ''],
  ])('%d nodes talk every %s, and wait so long for an install: %s', (nodes, period, install) => {
    expect(forming(nodes)).toBe(
      `evs.join_retrans_period=${period};evs.keepalive_period=${period};${install}gcache.size=8`,
    );
  });

  test("leave the user's own evs.* alone", () => {
    expect(forming(4, given('evs.keepalive_period=PT3S;evs.suspect_timeout=PT30S'))).toBe(
      'evs.join_retrans_period=PT0.1S;evs.keepalive_period=PT3S;gcache.size=8;evs.suspect_timeout=PT30S',
    );
  });
});

describe('those that stand', () => {
  const told = (nodes: number | null, ...options: ServerOption[]) => [...meetingOptions(ownOptions(8, options), nodes)];

  test('talk as the joiners do while these come, and as Galera does afterwards', () => {
    expect(told(4)).toEqual([
      ['evs.join_retrans_period', 0.1],
      ['evs.keepalive_period', 0.1],
    ]);
    expect(told(null)).toEqual([
      ['evs.join_retrans_period', 1],
      ['evs.keepalive_period', 1],
    ]);
  });

  test("keep the user's own", () => {
    expect(told(4, given('evs.keepalive_period=PT3S'))).toEqual([['evs.join_retrans_period', 0.1]]);
  });
});

describe('a node that joins', () => {
  const joining = (...options: ServerOption[]) => formatOptions(joiningOptions(ownOptions(8, options)));
  const vote = (said: Record<string, string>, ...options: ServerOption[]) =>
    restoringStatements(ownOptions(8, options), said).find((statement) => statement.includes('weight')) ?? null;

  test('has no vote until it is ready', () => {
    expect(joining()).toBe('pc.weight=0;gcache.size=8');
    expect(vote({ wsrep_provider_options: 'pc.version = 0; pc.weight = 0; protonet.backend = asio; ' })).toBe(
      "SET GLOBAL wsrep_provider_options = 'pc.weight=1'",
    );
    expect(vote({ wsrep_provider_options: '', wsrep_provider_pc_weight: '0' })).toBe(
      'SET GLOBAL wsrep_provider_pc_weight = 1',
    );
  });

  test('is not told where it has one, for that would be a new view for all', () => {
    expect(vote({ wsrep_provider_options: 'pc.weight = 1; x = 0' })).toBeNull();
    expect(vote({ wsrep_provider_pc_weight: '1' })).toBeNull();
  });

  test('and its periods are asked for at once', () => {
    expect(restoringStatements(ownOptions(8, []), { wsrep_provider_options: 'pc.weight = 1' })).toEqual([
      "SET GLOBAL wsrep_provider_options = 'evs.suspect_timeout=PT5S;evs.install_timeout=PT7.5S;evs.join_retrans_period=PT1S;evs.keepalive_period=PT1S;evs.causal_keepalive_period=PT1S'",
    ]);
    const own = { wsrep_provider_pc_weight: '0', wsrep_provider_evs_keepalive_period: '0.100000' };
    expect(restoringStatements(ownOptions(8, []), own)).toContain('SET GLOBAL wsrep_provider_evs_keepalive_period = 1');
  });

  test("weighs what the user's own word says", () => {
    expect(joining(given('pc.weight=2'))).toBe('pc.weight=2;gcache.size=8');
    expect(vote({ wsrep_provider_options: 'pc.weight = 0' }, given('pc.weight=0'))).toBeNull();
  });
});

describe('restoredOptions', () => {
  test("are Galera's defaults, seconds", () => {
    expect([...restoredOptions(ownOptions(8, []))]).toEqual([
      ['evs.suspect_timeout', 5],
      ['evs.install_timeout', 7.5],
      ['evs.join_retrans_period', 1],
      ['evs.keepalive_period', 1],
      ['evs.causal_keepalive_period', 1],
    ]);
  });

  test("do not touch the user's own evs.*", () => {
    const own = ownOptions(8, [given('evs.keepalive_period=PT3S')]);
    expect([...restoredOptions(own).keys()]).toEqual(['evs.join_retrans_period']);
  });
});

describe('leavingOptions', () => {
  test('notice soon that others are gone', () => {
    expect(leavingOptions(ownOptions(8, [])).get('evs.suspect_timeout')).toBe(0.3);
  });

  test.each(['evs.keepalive_period', 'evs.suspect_timeout', 'evs.install_timeout', 'evs.inactive_timeout'])(
    "are none beside the user's own %s, nor is anything of them put back",
    (name) => {
      const own = ownOptions(8, [given(`${name}=PT3S`)]);
      expect(leavingOptions(own).size).toBe(0);
      expect(partingOptions(own, 3).size).toBe(0);
      expect([...restoredOptions(own).keys()]).not.toContain('evs.suspect_timeout');
    },
  );
});

describe('partingOptions', () => {
  test.each([
    { nodes: 3, seconds: 1 },
    { nodes: 16, seconds: 1 },
    { nodes: 17, seconds: 3 },
  ])('one of $nodes waits $seconds s for those that stay', ({ nodes, seconds }) => {
    expect([...partingOptions(ownOptions(8, []), nodes)]).toEqual([['evs.suspect_timeout', seconds]]);
  });
});

test.each([true, false])('settingStatements, with variables of their own: %s', (variables) => {
  expect(settingStatements(restoredOptions(ownOptions(8, [])), variables)).toMatchSnapshot();
  expect(settingStatements(new Map(), variables)).toEqual([]);
});

test('parseOptions reads what formatOptions writes', () => {
  expect(parseOptions(' a = 1 ;; b=x=y; c ')).toEqual(
    new Map([
      ['a', '1'],
      ['b', 'x=y'],
      ['c', ''],
    ]),
  );
});

test('with zones a node has the segment of its own, and the user’s number wins', () => {
  const text = (cluster: Cluster, at: number, ...options: ServerOption[]) =>
    formatOptions(lastingOptions(cluster, { ...nodeOf(cluster, at), options }));
  const zoned = zonedCluster(4, 2);
  expect(text(sampleCluster(), 1)).not.toContain('segment');
  expect([1, 2, 3].map((at) => /segment=(\d)/.exec(text(zoned, at))?.[1])).toEqual(['0', '1', '0']);
  expect(text(zoned, 1, given('gmcast.segment=7'))).toContain('gmcast.segment=7');
});

test.each([
  [
    'gcache.size=32M; evs.suspect_timeout=PT10S',
    'base_port = 4567; evs.suspect_timeout = PT10S; gcache.size = 32M; ',
    true,
  ],
  ['gcache.size=32M', 'base_port = 4567; gcache.size = 8388608; ', false],
  ['gcache.size=32M', '', true],
])('given %j, and Galera says %j', (value, now, inForce) => {
  expect(providerInForce({ key: 'wsrep-provider-options', value }, now)).toBe(inForce);
  expect(providerInForce({ key: 'max_connections', value: '1' }, now)).toBeNull();
});
