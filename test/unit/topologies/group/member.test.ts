import { describe, expect, test } from 'vitest';
import { judge, splitIn } from '../../../../src/topologies/group/health.js';
import { hasQuorum, readMember } from '../../../../src/topologies/group/member.js';
import { routeOf } from '../../../../src/topologies/group/routes.js';

const OURS = '859fb925-e5b8-11f1-9aca-02db0ac80002';
const VIEW = '17952716127277817:3';

/** Rows as MySQL 9.7.4 gave them, of one member's view; those of others have no statistics but a queue. */
const row = (id: string, state: string, role: string, changes = {}) => ({
  ...{
    id,
    host: `10.200.0.${id === OURS ? 2 : id}`,
    state,
    role,
    viewId: VIEW,
    certifying: '0',
    applying: '0',
    conflicts: '0',
    own: OURS,
    readOnly: 1,
  },
  ...changes,
});
const others = (state: string) => [row('b', state, 'SECONDARY'), row('c', state, 'SECONDARY')];

describe('a member', () => {
  test('of a whole group is well, and has the role that the group gave it', () => {
    const member = readMember([...others('ONLINE'), row(OURS, 'ONLINE', 'PRIMARY', { readOnly: 0 })], []);
    const nameOf = (address: string) => address.replace('10.200.0.', 'node-');
    expect(judge(member, 3, undefined, nameOf)).toEqual({
      healthy: true,
      role: 'primary',
      status: {
        ...{ state: 'ONLINE', online: 3, quorum: true, viewId: VIEW, certificationQueue: 0, applierQueue: 0 },
        ...{ conflicts: 0, readOnly: false, error: null },
        members: ['node-b', 'node-c'].map((node) => ({ node, state: 'ONLINE' })),
      },
    });
  });

  test('that goes on without another one has a quorum, and is not well', () => {
    const member = readMember([row('b', 'ONLINE', 'SECONDARY'), row(OURS, 'ONLINE', 'PRIMARY')], []);
    expect(judge(member, 3)).toMatchObject({ healthy: false, status: { online: 2, quorum: true, error: null } });
  });

  test('that does not reach more than half of its view has no quorum, though it says ONLINE', () => {
    const member = readMember([...others('UNREACHABLE'), row(OURS, 'ONLINE', 'PRIMARY')], []);
    expect(judge(member, 3)).toMatchObject({
      healthy: false,
      status: { state: 'ONLINE', online: 1, quorum: false, error: 'no quorum: it reaches 1 of 3 members' },
    });
    const half = [row('b', 'UNREACHABLE', 'SECONDARY'), row(OURS, 'ONLINE', 'PRIMARY')];
    expect(hasQuorum(readMember(half, []))).toBe(false);
  });

  test('that is a secondary and takes writes is not well', () => {
    const rows = [row('b', 'ONLINE', 'PRIMARY'), row(OURS, 'ONLINE', 'SECONDARY', { readOnly: 0 })];
    expect(judge(readMember(rows, []), 2)).toMatchObject({
      healthy: false,
      status: { error: 'is a secondary that takes writes: super_read_only is OFF' },
    });
  });

  test('outside of a group that takes writes says so', () => {
    const member = readMember([row(OURS, 'OFFLINE', '', { readOnly: 0 })], []);
    expect(judge(member, 3).status.error).toBe('takes writes outside of the group: super_read_only is OFF');
  });

  test('outside of a group has neither role nor quorum', () => {
    const member = readMember([row(OURS, 'OFFLINE', '', { viewId: null, certifying: null, conflicts: null })], []);
    const { healthy, role, status } = judge(member, 3);
    expect({ healthy, role, quorum: status.quorum, viewId: status.viewId }).toEqual({
      ...{ healthy: false, role: undefined, quorum: null, viewId: null },
    });
  });

  test('whose applier stopped tells its error with the number', () => {
    const rows = [...others('ONLINE'), row(OURS, 'ERROR', '', { conflicts: '4', certifying: '2' })];
    const member = readMember(rows, [{ number: 1062, message: 'Worker 1 failed' }]);
    expect(judge(member, 3)).toMatchObject({
      healthy: false,
      status: { state: 'ERROR', quorum: null, conflicts: 4, certificationQueue: 2, error: '1062 Worker 1 failed' },
    });
  });
});

describe('a group that was split by force', () => {
  const member = (own: string, peers: readonly string[], changes = {}) =>
    readMember(
      [own, ...peers].map((id) => row(id, 'ONLINE', 'PRIMARY', { own, readOnly: 0, ...changes })),
      [],
    );
  const split = (members: Record<string, ReturnType<typeof member>>) => splitIn(new Map(Object.entries(members)));

  test('has writers that do not know each other: each says so', () => {
    const said = split({ node1: member('a', []), node2: member('b', ['c']), node3: member('c', ['b']) });
    expect([...said.keys()]).toEqual(['node1', 'node2', 'node3']);
    expect(said.get('node1')).toBe('split brain: node1, node2 and node3 take writes independently of each other');
    expect(judge(member('a', []), 1, said.get('node1'))).toMatchObject({ healthy: false });
  });

  test('is whole when one member has just come, and when a part is read-only', () => {
    expect(split({ node1: member('a', []), node2: member('b', ['a']) }).size).toBe(0);
    expect(split({ node1: member('a', []), node2: member('b', [], { readOnly: 1 }) }).size).toBe(0);
  });
});

describe('a client finds', () => {
  const viewOf = (state: string, role: string, changes = {}) =>
    readMember([row('b', 'ONLINE', 'SECONDARY'), row(OURS, state, role, changes)], []);

  test.each([
    ['the primary to write', viewOf('ONLINE', 'PRIMARY', { readOnly: 0 }), false, [true, false, 'a primary']],
    ['a primary of many for all', viewOf('ONLINE', 'PRIMARY', { readOnly: 0 }), true, [true, true, 'a primary']],
    ['a secondary to read', viewOf('ONLINE', 'SECONDARY'), false, [false, true, 'a secondary']],
    ['nothing on one that recovers', viewOf('RECOVERING', 'SECONDARY'), false, [false, false, 'RECOVERING']],
    [
      'nothing without a quorum',
      readMember([...others('UNREACHABLE'), row(OURS, 'ONLINE', 'PRIMARY', { readOnly: 0 })], []),
      false,
      [false, false, 'without a quorum'],
    ],
  ])('%s', (_, view, multiPrimary, expected) => {
    const { writes, reads, is } = routeOf(view, multiPrimary, null);
    expect([writes, reads, is]).toEqual(expected);
  });
});
