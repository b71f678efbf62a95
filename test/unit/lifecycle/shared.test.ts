import { describe, expect, test } from 'vitest';
import { leaveShared, useShared } from '../../../src/lifecycle/shared.js';
import { fakeMachine } from '../../fakes/machine.js';

const FORWARD = '/proc/sys/net/ipv4/ip_forward';
const NAT = { forwarding: true };
const machineWith = (forward: string) =>
  fakeMachine({ files: { [FORWARD]: `${forward}\n` }, directories: ['/var/lib/dbns', '/run'] });

describe('ip_forward', () => {
  test('is set by the first, and put back by the last', async () => {
    const machine = machineWith('0');
    await useShared(machine, 'a', NAT);
    await useShared(machine, 'b', NAT);
    expect(machine.files.read(FORWARD)).toBe('1');
    await leaveShared(machine, 'a');
    expect(machine.files.read(FORWARD)).toBe('1');
    await leaveShared(machine, 'b');
    expect(machine.files.read(FORWARD)).toBe('0');
    expect(machine.files.exists('/var/lib/dbns/shared.json')).toBe(false);
  });

  test('that was on before stays on', async () => {
    const machine = machineWith('1');
    await useShared(machine, 'a', NAT);
    await leaveShared(machine, 'a');
    expect(machine.changes).not.toContain(`write ${FORWARD}`);
  });

  test('is not for an internal network', async () => {
    const machine = machineWith('0');
    await useShared(machine, 'a', { forwarding: false });
    expect(machine.files.read(FORWARD)?.trim()).toBe('0');
    await useShared(machine, 'b', NAT);
    await leaveShared(machine, 'b');
    expect(machine.files.read(FORWARD)?.trim()).toBe('0');
    await leaveShared(machine, 'a');
  });

  test('is on disk before it is done', async () => {
    const machine = machineWith('0');
    await useShared(machine, 'a', NAT);
    expect(machine.changes.indexOf('write /var/lib/dbns/shared.json')).toBeLessThan(
      machine.changes.indexOf(`write ${FORWARD}`),
    );
  });
});

test('parent directories that were missing go with the last cluster', async () => {
  const machine = machineWith('1');
  await useShared(machine, 'a', NAT);
  expect(machine.files.exists('/run/dbns')).toBe(true);
  await leaveShared(machine, 'a');
  expect(machine.files.exists('/run/dbns')).toBe(false);
  expect(machine.files.exists('/etc/netns')).toBe(false);
});

test('one who never came leaves without harm', async () => {
  const machine = machineWith('0');
  await leaveShared(machine, 'ghost');
  expect(machine.files.read(FORWARD)?.trim()).toBe('0');
});
