import { describe, expect, test } from 'vitest';
import { leaveShared, useShared, yieldUplinks } from '../../../../src/lifecycle/ground/shared.js';
import { fakeMachine, type FakeMachine } from '../../../fakes/machine.js';

const ROUTER = '/proc/sys/net/ipv4/ip_forward';
const JOURNAL = '/var/lib/dbns/shared.json';
const fileOf = (link: string) => `/proc/sys/net/ipv4/conf/${link}/forwarding`;

/** Its nft knows whether the guard is there. */
function machineWith(state: Readonly<Record<string, string>>, entries?: unknown): FakeMachine {
  let guard = '';
  return fakeMachine({
    files: {
      ...Object.fromEntries(Object.entries(state).map(([file, value]) => [file, `${value}\n`])),
      ...(entries !== undefined && { [JOURNAL]: JSON.stringify(entries) }),
    },
    directories: ['/var/lib/dbns', '/run'],
    answer(argv, { input }) {
      if (argv[0] !== 'nft') return {};
      if (input !== undefined) {
        guard = input.replace('delete table ip dbns\n', '');
        return {};
      }
      return guard === '' ? { exitCode: 1, stderr: 'Error: No such file or directory' } : { stdout: guard };
    },
  });
}

const closed = (changes: Readonly<Record<string, string>> = {}) =>
  machineWith({ [ROUTER]: '0', [fileOf('eth0')]: '0', [fileOf('eth0.100')]: '0', ...changes });
const valueOf = (machine: FakeMachine, file: string) => machine.files.read(file)?.trim();
const loads = ({ ran }: FakeMachine) => ran.filter(({ input }) => input !== undefined).map(({ input }) => input ?? '');
const users = (machine: FakeMachine) =>
  (JSON.parse(machine.files.read(JOURNAL) ?? '') as { entries: { resource: object }[] }).entries;

describe('the forwarding of uplinks', () => {
  test('is on, and guarded, from the first cluster to the last', async () => {
    const machine = closed();
    await useShared(machine, 'a', ['eth0']);
    await useShared(machine, 'b', ['eth0', 'eth0.100']);
    await leaveShared(machine, 'a');
    expect(valueOf(machine, fileOf('eth0'))).toBe('1');
    expect(loads(machine).at(-1)).toContain('iifname { "eth0", "eth0.100" } jump uplink');
    await leaveShared(machine, 'b');
    expect([valueOf(machine, fileOf('eth0')), valueOf(machine, fileOf('eth0.100'))]).toEqual(['0', '0']);
    expect(loads(machine).at(-1)).toBe('delete table ip dbns\n');
    expect(machine.files.exists(JOURNAL)).toBe(false);
    expect(machine.changes).not.toContain(`write ${ROUTER}`);
  });

  test('goes with the last cluster that leads out there, be there others', async () => {
    const machine = closed();
    await useShared(machine, 'a', ['eth0']);
    await useShared(machine, 'b', ['eth0.100']);
    await leaveShared(machine, 'b');
    expect([valueOf(machine, fileOf('eth0')), valueOf(machine, fileOf('eth0.100'))]).toEqual(['1', '0']);
    expect(loads(machine).at(-1)).toContain('iifname { "eth0" } jump uplink');
  });

  test('that was on before stays on, and nothing is dropped', async () => {
    const machine = closed({ [ROUTER]: '1', [fileOf('eth0')]: '1' });
    await useShared(machine, 'a', ['eth0']);
    await leaveShared(machine, 'a');
    expect(machine.changes).not.toContain(`write ${fileOf('eth0')}`);
    expect(machine.ran.filter(({ argv }) => argv[0] === 'nft')).toEqual([]);
  });

  test('that is off on a router is put back there too', async () => {
    const machine = closed({ [ROUTER]: '1' });
    await useShared(machine, 'a', ['eth0']);
    await yieldUplinks(machine);
    expect(loads(machine).at(-1)).toContain('iifname { "eth0" } jump uplink');
    await leaveShared(machine, 'a');
    expect(valueOf(machine, fileOf('eth0'))).toBe('0');
  });

  test('is not for an internal network', async () => {
    const machine = closed();
    await useShared(machine, 'a', []);
    expect(valueOf(machine, fileOf('eth0'))).toBe('0');
    await useShared(machine, 'b', ['eth0']);
    await leaveShared(machine, 'b');
    expect(valueOf(machine, fileOf('eth0'))).toBe('0');
    await leaveShared(machine, 'a');
  });

  test('is on disk first, then guarded, then on; and goes the other way round', async () => {
    const machine = closed();
    const order: string[] = [];
    const run = machine.run.bind(machine);
    const spy = {
      ...machine,
      run: (...[argv, options]: Parameters<typeof run>) => {
        if (options?.input !== undefined) machine.changes.push('guard');
        return run(argv, options);
      },
    };
    const seen = () => machine.changes.filter((change) => /shared\.json|guard|eth0/.test(change));
    await useShared(spy, 'a', ['eth0']);
    order.push(...seen());
    expect(order).toEqual([`write ${JOURNAL}`, `sync ${JOURNAL}`, 'guard', `write ${fileOf('eth0')}`]);
    await leaveShared(spy, 'a');
    expect(seen().slice(4)).toEqual([`write ${fileOf('eth0')}`, 'guard', `remove ${JOURNAL}`]);
  });

  test('of an interface that is gone is no matter', async () => {
    const machine = closed();
    await useShared(machine, 'a', ['eth0', 'tun0']);
    await machine.files.remove('/proc/sys/net/ipv4/conf/eth0');
    await leaveShared(machine, 'a');
    expect(machine.files.exists(fileOf('eth0'))).toBe(false);
  });

  test('is left to whoever turns ip_forward on', async () => {
    const machine = closed();
    await useShared(machine, 'a', ['eth0']);
    await yieldUplinks(machine);
    expect(loads(machine)).toHaveLength(1);
    await machine.files.writeKernel(ROUTER, '1');
    await yieldUplinks(machine);
    expect(loads(machine).at(-1)).toBe('delete table ip dbns\n');
    await leaveShared(machine, 'a');
    expect(valueOf(machine, fileOf('eth0'))).toBe('1');
  });

  test('is made once more for a cluster that lost it', async () => {
    const machine = closed();
    await useShared(machine, 'a', ['eth0']);
    await machine.files.writeKernel(fileOf('eth0'), '0');
    await useShared(machine, 'a', ['eth0']);
    expect(valueOf(machine, fileOf('eth0'))).toBe('1');
    expect(users(machine).find(({ resource }) => 'link' in resource)).toMatchObject({ users: ['a'] });
  });
});

test("somebody else's table of the guard's name is not replaced", async () => {
  const theirs = { stdout: 'table ip dbns {\n}\n' };
  const machine = fakeMachine({
    files: { [fileOf('eth0')]: '0\n', [ROUTER]: '0\n' },
    directories: ['/var/lib/dbns', '/run'],
    answer: (argv) => (argv[0] === 'nft' ? theirs : {}),
  });
  await expect(useShared(machine, 'a', ['eth0'])).rejects.toThrow('not by dbns: nft table ip dbns');
  await leaveShared(machine, 'a');
  expect(loads(machine)).toEqual([]);
  expect(valueOf(machine, fileOf('eth0'))).toBe('0');
});

describe('ip_forward that an older dbns turned on', () => {
  const old = [{ resource: { kind: 'sysctl', key: 'net/ipv4/ip_forward', before: '0' }, users: ['old'] }];

  test('is put back by the last cluster that leads out by it', async () => {
    const machine = machineWith({ [ROUTER]: '1', [fileOf('eth0')]: '1' }, old);
    await useShared(machine, 'new', ['eth0']);
    await leaveShared(machine, 'old');
    expect(valueOf(machine, ROUTER)).toBe('1');
    await leaveShared(machine, 'new');
    expect(valueOf(machine, ROUTER)).toBe('0');
  });

  test('and that is off by now, as after a reboot, is forgotten', async () => {
    const machine = machineWith({ [ROUTER]: '0', [fileOf('eth0')]: '0' }, old);
    await useShared(machine, 'new', ['eth0']);
    await machine.files.writeKernel(ROUTER, '1');
    await leaveShared(machine, 'old');
    expect(valueOf(machine, ROUTER)).toBe('1');
  });
});

test('parent directories that were missing go with the last cluster', async () => {
  const machine = closed();
  await useShared(machine, 'a', []);
  expect(machine.files.exists('/run/dbns')).toBe(true);
  await leaveShared(machine, 'a');
  expect(machine.files.exists('/run/dbns')).toBe(false);
  expect(machine.files.exists('/etc/netns')).toBe(false);
});

test('one who never came leaves without harm', async () => {
  const machine = closed();
  await leaveShared(machine, 'ghost');
  expect(valueOf(machine, fileOf('eth0'))).toBe('0');
});
