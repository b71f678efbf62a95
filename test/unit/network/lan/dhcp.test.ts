import { describe, expect, test } from 'vitest';
import type { Lan } from '../../../../src/cluster/lan.js';
import { ConflictError, MachineError, NotReadyError } from '../../../../src/errors/errors.js';
import { askDhcp, dhcpSteps, isByDhcp, readGiven, scriptActs } from '../../../../src/network/lan/dhcp.js';
import { sampleCluster } from '../../../fakes/cluster.js';
import { fakeMachine } from '../../../fakes/machine.js';

const BOUND = 'dhcp bound ip=192.168.7.117 mask=24 router=192.168.7.1 lease=3600\n';
const lan: Lan = { to: 'br0', kind: 'bridge', range: null, userspace: false, dhcp: true };
const cluster = () => {
  const { network, ...rest } = sampleCluster(2);
  return { ...rest, network: { ...network, lan } };
};
const NO_LEASE = { exitCode: 1, stderr: 'udhcpc: started\nudhcpc: no lease, failing' };

test('what the script told is read, the last of all events or none', () => {
  expect(readGiven(`dhcp deconfig ip= mask= router= lease=\n${BOUND}`)).toEqual({
    ...{ address: '192.168.7.117', subnet: '192.168.7.0/24', gateway: '192.168.7.1' },
  });
  expect(readGiven(BOUND.replace('router=192.168.7.1', 'router='))?.gateway).toBeNull();
  expect(readGiven(BOUND.replace('mask=24', 'mask=16'))?.subnet).toBe('192.168.0.0/16');
  for (const text of ['', 'dhcp deconfig ip= mask= router= lease=', BOUND.replace('24', 'x')])
    expect(readGiven(text)).toBeNull();
});

describe('asking', () => {
  const ask = (answer: object, seconds = 60) => {
    const machine = fakeMachine({ answer: () => answer });
    const deadline = Date.now() + seconds * 1000;
    const asked = askDhcp(machine, 'br0', {
      name: 'r-node1',
      mac: '02:dc:00:00:00:01',
      deadline,
      signal: new AbortController().signal,
    });
    return { asked, argv: () => machine.ran[0]?.argv ?? [] };
  };

  test('goes by a link of that MAC at what was named, no longer than there is time', async () => {
    const { asked, argv } = ask({ stdout: BOUND });
    expect((await asked).address).toBe('192.168.7.117');
    expect(argv()).toEqual(expect.arrayContaining(['br0', '02:dc:00:00:00:01', 'hostname:r-node1']));
    const tries = (one: ReturnType<typeof ask>) => one.argv()[one.argv().indexOf('-t') + 1];
    expect([600, 7, 0].map((seconds) => tries(ask({ stdout: BOUND }, seconds)))).toEqual(['10', '2', '1']);
  });

  test('gets no answer, or is not possible', async () => {
    await expect(ask(NO_LEASE).asked).rejects.toThrow(NotReadyError);
    await expect(ask({ exitCode: 2, stderr: 'Error: Unknown device type.' }).asked).rejects.toThrow(MachineError);
  });
});

describe('a node', () => {
  const asked = async (answer: object) => {
    const machine = fakeMachine({ answer: () => answer });
    const [node] = cluster().nodes;
    if (node === undefined) throw new Error('no node');
    const host = { ...node, address: '192.168.7.117' };
    const { asked: step, goesOn } = dhcpSteps(machine, cluster(), host, { directory: '/c', log: '/l' });
    const context = {
      signal: new AbortController().signal,
      deadline: Infinity,
      endOf: () => null,
      firstEnd: () => null,
    };
    for (const act of step.acts) if (act.do === 'ask') await act.ask({ ...context, tell: () => undefined });
    return goesOn;
  };

  test('asks for the address that it has, and goes on asking', async () => {
    const [act] = (await asked({ stdout: BOUND })).acts;
    expect(act?.do === 'spawn' && act.argv.join(' ')).toMatch(/udhcpc -i eth0 -s \/c\/udhcpc -r 192\.168\.7\.117 -f/);
  });

  test('is told when another is given, or none', async () => {
    await expect(asked({ stdout: BOUND.replace('117', '118') })).rejects.toThrow(ConflictError);
    await expect(asked(NO_LEASE)).rejects.toThrow(NotReadyError);
  });

  test('has its address so, and nobody else; the script is there for it', () => {
    expect(isByDhcp(cluster(), { name: 'node1' })).toBe(true);
    expect(isByDhcp(cluster(), { name: 'haproxy' })).toBe(false);
    expect(isByDhcp(sampleCluster(2), { name: 'node1' })).toBe(false);
    expect(scriptActs(cluster().network, '/c')).toMatchObject([{ path: '/c/udhcpc', mode: 0o755, owner: 'root' }]);
    expect(scriptActs(sampleCluster(2).network, '/c')).toEqual([]);
  });
});
