import { readFileSync } from 'node:fs';
import { BSON, type Document } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { judgeMember, oplogWindow, splitIn, withErrors } from '../../../../src/topologies/mongo/health.js';
import { optimeOf, reaches, readMember } from '../../../../src/topologies/mongo/member.js';
import { readChunks } from '../../../../src/topologies/mongo/router.js';
import { routeOf } from '../../../../src/topologies/mongo/routes.js';
import { mongoCluster } from '../../../fakes/mongo.js';

/** What a MongoDB 4.0.3 answered to replSetGetStatus and replSetGetConfig. */
function recorded(name: string): { status: Document; config: Document } {
  const text = readFileSync(new URL(`./recorded/${name}.json`, import.meta.url), 'utf8');
  return BSON.EJSON.parse(text) as { status: Document; config: Document };
}

const nameOf = (address: string) => `node${Number(/\.(\d+):/.exec(address)?.[1]) - 1}`;
const healthOf = ({ status, config }: ReturnType<typeof recorded>) =>
  judgeMember(readMember(status, config), 7, nameOf);

describe('a member', () => {
  test('that is primary', () => {
    const { healthy, role, status } = healthOf(recorded('primary'));
    expect({ healthy, role }).toEqual({ healthy: true, role: 'primary' });
    expect(status).toMatchObject({
      ...{ state: 'PRIMARY', primary: 'node1', votes: 1, priority: 1, hidden: false, delay: 0 },
      ...{ syncSource: null, lag: null, term: 2, oplogWindow: 7, error: null },
    });
    expect(status.electionDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
    expect(status.optime).toMatch(/^\d{10}:\d+$/);
  });

  test('that is secondary, and whom it follows', () => {
    expect(healthOf(recorded('secondary'))).toMatchObject({
      ...{ healthy: true, role: 'secondary' },
      status: { state: 'SECONDARY', primary: 'node1', syncSource: 'node1', priority: 1, error: null },
    });
  });

  test('that is delayed, and an arbiter', () => {
    expect(healthOf(recorded('delayed')).status).toMatchObject({ delay: 60, hidden: true, priority: 0, error: null });
    expect(healthOf(recorded('arbiter'))).toMatchObject({
      ...{ healthy: true, role: 'arbiter' },
      status: { state: 'ARBITER', lag: null, optime: null, error: null },
    });
  });

  test('that sees no primary, and whom it can’t reach', () => {
    const { healthy, status } = healthOf(recorded('no-primary'));
    expect(healthy).toBe(false);
    expect(status).toMatchObject({ state: 'SECONDARY', primary: null, lag: null });
    expect(status.error).toMatch(/^sees no primary; can't reach node1: .*Connection refused; can't reach node2: /);
  });

  test('of those that are to be stopped it says no more than that', () => {
    const { status, config } = recorded('no-primary');
    const judged = (...stopped: string[]) => judgeMember(readMember(status, config), 7, nameOf, stopped).status.error;
    expect(judged('node1', 'node2')).toBe('sees no primary (stopped: node1, node2)');
    expect(judged('node1')).toMatch(/^sees no primary \(stopped: node1\); can't reach node2: [^;]*$/);
  });

  test('that has a primary is well, whoever is stopped beside it', () => {
    const { status, config } = recorded('primary');
    const members = (status.members as Document[]).map((member, at) =>
      at === 1 ? { ...member, health: 0, lastHeartbeatMessage: 'not authorized' } : member,
    );
    const judged = (...stopped: string[]) =>
      judgeMember(readMember({ ...status, members }, config), 7, nameOf, stopped).status.error;
    expect(judged()).toContain("can't reach node2");
    expect(judged('node2')).toBeNull();
  });

  test.each(['RECOVERING', 'ROLLBACK', 'STARTUP2'])('that is %s is not well, and says so', (state) => {
    const { status, config } = recorded('secondary');
    const members = (status.members as Document[]).map((member) =>
      member.self === true ? { ...member, stateStr: state, infoMessage: 'for a reason' } : member,
    );
    const health = healthOf({ status: { ...status, members }, config });
    expect(health.healthy).toBe(false);
    expect(health.status).toMatchObject({ state, error: `is ${state}: for a reason` });
  });

  test('that is refused for its key is told from one that is down', () => {
    const { status, config } = recorded('primary');
    const down = (changes: Document) => ({
      ...status,
      members: (status.members as Document[]).map((member, at) =>
        at === 1 ? { ...member, health: 0, stateStr: '(not reachable/healthy)', ...changes } : member,
      ),
    });
    const refused = healthOf({ status: down({ authenticated: false, lastHeartbeatMessage: '' }), config });
    expect(refused.status.error).toBe("can't reach node2: authentication failed: it has another key");
    expect(healthOf({ status: down({ lastHeartbeatMessage: 'Connection refused' }), config }).status.error).toBeNull();
  });
});

test('optimes are read out of timestamps and compared', () => {
  const at = (t: number, i: number) => optimeOf({ ts: new BSON.Timestamp({ t, i }), t: 2n });
  expect(at(7, 3)).toEqual({ seconds: 7, increment: 3 });
  expect(optimeOf(undefined)).toBeNull();
  const [earlier, later] = [at(7, 3), at(8, 1)];
  if (earlier === null || later === null) throw new Error('not read');
  expect([reaches(later, earlier), reaches(earlier, earlier), reaches(earlier, later)]).toEqual([true, true, false]);
  expect(reaches(null, earlier)).toBe(false);
});

test('chunks by collection, whose chunks have its name or its UUID', () => {
  const uuid = new BSON.UUID();
  const collections = [{ _id: 'shop.a', uuid }, { _id: 'config.system.sessions' }];
  expect(readChunks(collections, [{ _id: 'shop.a', chunks: 2 }])).toEqual({ 'shop.a': 2 });
  expect(readChunks(collections, [{ _id: uuid, chunks: 3 }])).toEqual({ 'shop.a': 3 });
  expect(readChunks(collections, [{ _id: 'config.system.sessions', chunks: 1 }])).toEqual({});
});

describe('two primaries', () => {
  const primary = { healthy: true, role: 'primary', status: { state: 'PRIMARY', error: null } };
  const secondary = { healthy: true, role: 'secondary', status: { state: 'SECONDARY', error: null } };

  test('of one set are a split brain, and neither is well', () => {
    const said = new Map([
      ['node1', primary],
      ['node2', secondary],
      ['node3', primary],
    ]);
    const told = withErrors(said, splitIn(mongoCluster(), said));
    const error = 'split brain: node1 and node3 take writes independently of each other';
    expect(told.get('node1')).toMatchObject({ healthy: false, status: { error } });
    expect(told.get('node2')).toEqual(secondary);
    expect(told.get('node3')).toMatchObject({ healthy: false, status: { state: 'PRIMARY', error } });
  });

  test('of two shards are as it should be', () => {
    const said = new Map([
      ['node1', primary],
      ['node4', primary],
    ]);
    expect(splitIn(mongoCluster({ shards: 2 }), said).size).toBe(0);
  });
});

test('a client writes on a primary, reads on a secondary, and does both by a router', () => {
  const greeting = { isWritablePrimary: false, isSecondary: false, isArbiter: false, primary: null, configVersion: 1 };
  expect(routeOf({ ...greeting, isWritablePrimary: true }, false)).toMatchObject({ writes: true, reads: false });
  expect(routeOf({ ...greeting, isSecondary: true }, false)).toMatchObject({ writes: false, reads: true });
  expect(routeOf({ ...greeting, isWritablePrimary: true }, true)).toMatchObject({ writes: true, reads: true });
  expect(routeOf(greeting, false)).toMatchObject({ writes: false, reads: false });
});

test('a server that goes while it is asked for both ends of its oplog is one error, and none that nobody handles', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  const findOne = () => Promise.reject(new Error('the session has ended'));
  const session = { db: () => ({ collection: () => ({ findOne }) }) } as unknown as Parameters<typeof oplogWindow>[0];
  const [node] = mongoCluster().nodes;
  await expect(oplogWindow(session, node ?? expect.fail())).rejects.toThrow('the session has ended');
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
