import { describe, expect, test } from 'vitest';
import { findServers, killAll, killServers, namespacesWith } from '../../../src/process/find.js';
import { fakeMachine } from '../../fakes/machine.js';

const NAMESPACE = 'dbns-east-node1';
const withNamespace = () => fakeMachine({ files: { [`/run/netns/${NAMESPACE}`]: '' } });
const find = (machine: ReturnType<typeof fakeMachine>) => findServers(machine, [NAMESPACE]).get(NAMESPACE);

describe('findServers', () => {
  test('running: the second process of the PID space', () => {
    const machine = withNamespace();
    machine.addProcess(NAMESPACE, { pid: 10, innerPid: 10, depth: 1 }); // bwrap outside
    machine.addProcess(NAMESPACE, { pid: 11, innerPid: 1 }); // its init
    machine.addProcess(NAMESPACE, { pid: 12, innerPid: 2, memory: 88_000_000 });
    machine.addProcess(NAMESPACE, { pid: 13, innerPid: 30 }); // a child of the server's
    expect(find(machine)).toEqual({ state: 'running', pid: 12, memory: 88_000_000 });
  });

  test.each(['T', 't'])('paused: state %s', (state) => {
    const machine = withNamespace();
    machine.addProcess(NAMESPACE, { pid: 12, state });
    expect(find(machine)).toMatchObject({ state: 'paused', pid: 12 });
  });

  test.each(['Z', 'X'])('dead: ended and not collected (%s)', (state) => {
    const machine = withNamespace();
    machine.addProcess(NAMESPACE, { pid: 12, state });
    expect(find(machine)).toEqual({ state: 'dead', pid: null, memory: null });
  });

  test('dead: only a program of the user is there', () => {
    const machine = withNamespace();
    machine.addProcess(NAMESPACE, { pid: 2, innerPid: 2, depth: 1 });
    expect(find(machine)).toMatchObject({ state: 'dead' });
  });

  test('missing: no namespace', () => {
    expect(find(fakeMachine())).toEqual({ state: 'missing', pid: null, memory: null });
  });

  test('tells the namespaces apart', () => {
    const machine = fakeMachine({ files: { '/run/netns/a': '', '/run/netns/b': '' } });
    machine.addProcess('b', { pid: 12 });
    const servers = findServers(machine, ['a', 'b', 'c']);
    expect([...servers].map(([name, { state }]) => `${name} ${state}`)).toEqual(['a dead', 'b running', 'c missing']);
  });
});

describe('killAll', () => {
  test('kills everything in the namespaces, and nothing else', async () => {
    const machine = fakeMachine({ files: { '/run/netns/a': '', '/run/netns/b': '' } });
    machine.addProcess('a', { pid: 12 });
    machine.addProcess('a', { pid: 13, depth: 1 });
    machine.addProcess('b', { pid: 14 });
    await killAll(machine, ['a', 'gone']);
    expect(machine.signals).toEqual([
      { pid: 12, signal: 'SIGKILL' },
      { pid: 13, signal: 'SIGKILL' },
    ]);
  });
});

describe('killServers', () => {
  test('kills servers, what is beside them, and what would start them again; a program of the user goes on', async () => {
    const machine = withNamespace();
    machine.addProcess(NAMESPACE, { pid: 9, innerPid: 9, depth: 1 }); // notes the end
    machine.addProcess(NAMESPACE, { pid: 10, innerPid: 10, depth: 1, parent: 9 }); // bwrap outside
    machine.addProcess(NAMESPACE, { pid: 11, innerPid: 1, parent: 10 }); // its init
    machine.addProcess(NAMESPACE, { pid: 12, innerPid: 2, parent: 11 });
    machine.addProcess(NAMESPACE, { pid: 13, innerPid: 30, parent: 12 }); // a child of the server's
    machine.addProcess(NAMESPACE, { pid: 14, innerPid: 14, depth: 1 }); // dbns exec
    await killServers(machine, [NAMESPACE, 'gone']);
    expect(machine.signals.map(({ pid }) => pid).sort((a, b) => a - b)).toEqual([9, 10, 11, 12, 13]);
  });
});

test('namespacesWith: where a program of the machine runs, not where a server has one of that name', () => {
  const machine = fakeMachine({ files: { '/run/netns/a': '', '/run/netns/b': '', '/run/netns/c': '' } });
  machine.addProcess('a', { pid: 10, innerPid: 10, depth: 1, name: 'udhcpc' });
  machine.addProcess('b', { pid: 11, innerPid: 7, depth: 2, name: 'udhcpc' });
  machine.addProcess('c', { pid: 12, innerPid: 12, depth: 1, name: 'udhcpc', state: 'Z' });
  expect(namespacesWith(machine, ['a', 'b', 'c', 'gone'], 'udhcpc')).toEqual(new Set(['a']));
});
