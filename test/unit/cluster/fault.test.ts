import { describe, expect, test } from 'vitest';
import { isInForce, namedBy, timeLeft, withoutName, type Cut, type Partition } from '../../../src/cluster/fault.js';
import { after, between, type Moment } from '../../../src/cluster/moment.js';

const NOW: Moment = { at: '2026-01-02T03:04:05.000Z', bootId: 'a', uptime: 60_000 };
const BASE = { id: 'f1', since: NOW, until: null } as const;
const CUT: Cut = { ...BASE, kind: 'cut', hosts: ['node1', 'node2'] };
const PARTITION: Partition = {
  ...BASE,
  kind: 'partition',
  flows: [
    { from: ['node1', 'node2'], to: 'rest' },
    { from: 'rest', to: ['node1', 'node2'] },
  ],
  ...{ channel: null, newOnly: false, reset: false },
};

describe('time', () => {
  test('goes by the boot’s clock, whatever the wall’s says, and by that for another boot', () => {
    const later = { at: '2020-01-01T00:00:00.000Z', bootId: 'a', uptime: 61_000 };
    expect(between(NOW, later)).toBe(1000);
    expect(between(NOW, { at: '2026-01-02T03:04:15.000Z', bootId: 'b', uptime: 5 })).toBe(10_000);
  });

  test('is left until it is over; a fault without an end has none', () => {
    const fault = { until: after(NOW, 2000) };
    expect(timeLeft(fault, after(NOW, 500))).toBe(1500);
    expect(isInForce(fault, after(NOW, 1999))).toBe(true);
    expect([timeLeft(fault, after(NOW, 2500)), isInForce(fault, after(NOW, 2500))]).toEqual([0, false]);
    expect([timeLeft(CUT, NOW), isInForce(CUT, NOW)]).toEqual([null, true]);
  });
});

test('a host that is gone leaves its faults, and one without ends goes', () => {
  expect(namedBy(PARTITION)).toEqual(['node1', 'node2']);
  const left = withoutName(PARTITION, 'node1');
  expect(left === null ? [] : namedBy(left)).toEqual(['node2']);
  expect(left === null ? null : withoutName(left, 'node2')).toBeNull();
  expect(withoutName(CUT, 'node2')).toEqual({ ...CUT, hosts: ['node1'] });
  expect(withoutName({ ...CUT, hosts: ['node2'] }, 'node2')).toBeNull();
});
