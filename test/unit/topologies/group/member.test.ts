import { describe, expect, test } from 'vitest';
import { judge } from '../../../../src/topologies/group/health.js';
import { hasQuorum, readMember } from '../../../../src/topologies/group/member.js';

const OURS = '859fb925-e5b8-11f1-9aca-02db0ac80002';
const VIEW = '17952716127277817:3';

/** Rows as MySQL 9.7.4 gave them, of one member's view; those of others have no statistics but a queue. */
const row = (id: string, state: string, role: string, changes = {}) => ({
  ...{ id, state, role, viewId: VIEW, certifying: '0', applying: '0', conflicts: '0', own: OURS, readOnly: 1 },
  ...changes,
});
const others = (state: string) => [row('b', state, 'SECONDARY'), row('c', state, 'SECONDARY')];

describe('a member', () => {
  test('of a whole group is well, and has the role that the group gave it', () => {
    const member = readMember([...others('ONLINE'), row(OURS, 'ONLINE', 'PRIMARY', { readOnly: 0 })], []);
    expect(judge(member, 3)).toEqual({
      healthy: true,
      role: 'primary',
      status: {
        ...{ state: 'ONLINE', online: 3, quorum: true, viewId: VIEW, certificationQueue: 0, applierQueue: 0 },
        ...{ conflicts: 0, readOnly: false, error: null },
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
