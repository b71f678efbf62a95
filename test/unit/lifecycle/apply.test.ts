import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { AskContext, Plan, Step } from '../../../src/cluster/plan.js';
import { ServerRefusedError } from '../../../src/servers/wait.js';
import type { Ends } from '../../../src/lifecycle/ends.js';
import { applyPlan, type Application, type Observer } from '../../../src/lifecycle/apply.js';
import { fakeMachine } from '../../fakes/machine.js';

const DEADLINE = 1_000_000;

function application(changes: Partial<Application> = {}) {
  const machine = fakeMachine({ directories: ['/d'] });
  return {
    machine,
    application: { machine, observer: {}, signal: new AbortController().signal, deadline: DEADLINE, ...changes },
  };
}

const ask = (name: string, act: (context: AskContext) => Promise<void>): Step => ({
  step: name,
  acts: [{ do: 'ask', what: name, ask: act }],
});

const failing = (name: string) => ask(name, () => Promise.reject(new Error(`${name} failed`)));

describe('applyPlan', () => {
  test('carries out every act, with the owner that it names', async () => {
    const { machine, application: given } = application();
    const step: Step = {
      step: 'all',
      acts: [
        { do: 'run', argv: ['ip', '-batch', '-'], input: 'x\n' },
        { do: 'mkdir', path: '/d/e', mode: 0o700, owner: 'server' },
        { do: 'write', path: '/d/e/f', content: 'text', mode: 0o600, owner: 'root' },
        { do: 'write', path: '/d/gone', content: '', mode: 0o644, owner: 'root' },
        { do: 'remove', path: '/d/gone' },
        { do: 'spawn', argv: ['server'], log: '/d/log', node: 'node1', namespace: 'ns1' },
      ],
    };
    await applyPlan(step, given);
    expect(machine.ran).toEqual([{ argv: ['ip', '-batch', '-'], input: 'x\n' }]);
    expect(machine.spawned).toEqual([{ argv: ['server'], log: '/d/log' }]);
    expect(machine.tree.get('/d/e')).toEqual({ kind: 'directory', mode: 0o700, uid: 73306 });
    expect(machine.tree.get('/d/e/f')).toEqual({ kind: 'file', content: 'text', mode: 0o600, uid: 0 });
    expect(machine.tree.has('/d/gone')).toBe(false);
  });

  test('goes in order, and tells of phases and steps', async () => {
    const told: string[] = [];
    const observer: Observer = {
      phaseStarted: (title) => told.push(`(${title}`),
      phaseDone: (title) => told.push(`${title})`),
      stepStarted: ({ step }) => told.push(`<${step}`),
      stepDone: ({ step }) => told.push(`${step}>`),
    };
    const plan: Plan = {
      title: 'all',
      sequence: [
        { step: 'a', acts: [] },
        { title: 'part', sequence: [{ step: 'b', acts: [] }] },
        { step: 'c', acts: [] },
      ],
    };
    await applyPlan(plan, application({ observer }).application);
    expect(told.join(' ')).toBe('(all <a a> (part <b b> part) <c c> all)');
  });

  test('parallel parts run at the same time', async () => {
    let both = 0;
    const meet = async () => {
      both++;
      while (both < 2) await sleep(1);
    };
    await applyPlan({ parallel: [ask('a', meet), ask('b', meet)] }, application().application);
  });

  test('stops a sequence at the step that fails', async () => {
    const { machine, application: given } = application();
    const plan: Plan = { sequence: [failing('a'), { step: 'b', acts: [{ do: 'run', argv: ['b'] }] }] };
    await expect(applyPlan(plan, given)).rejects.toThrow('a failed');
    expect(machine.ran).toEqual([]);
  });

  test('when one part fails the others are told, and waited for', async () => {
    let ended = '';
    const sibling = ask('b', async ({ signal }) => {
      while (!signal.aborted) await sleep(1);
      await sleep(20);
      ended = String(signal.reason);
    });
    const plan: Plan = { parallel: [sibling, failing('a')] };
    await expect(applyPlan(plan, application().application)).rejects.toThrow('a failed');
    expect(ended).toBe('Error: a failed');
  });

  test('a part whose turn comes after the failure does not begin its next step', async () => {
    const { machine, application: given } = application();
    const slow: Plan = {
      sequence: [ask('slow', () => sleep(20)), { step: 'next', acts: [{ do: 'run', argv: ['next'] }] }],
    };
    await expect(applyPlan({ parallel: [failing('a'), slow] }, given)).rejects.toThrow('a failed');
    expect(machine.ran).toEqual([]);
  });

  test('the first failure is the one that is told', async () => {
    const late = ask('late', async () => {
      await sleep(10);
      throw new Error('late failed');
    });
    await expect(applyPlan({ parallel: [late, failing('a')] }, application().application)).rejects.toThrow('a failed');
  });

  test('an abort stops it with its reason', async () => {
    const controller = new AbortController();
    const { machine, application: given } = application({ signal: controller.signal });
    const aborting = ask('a', () => {
      controller.abort(new Error('interrupted'));
      return Promise.resolve();
    });
    const plan: Plan = { sequence: [aborting, { step: 'b', acts: [{ do: 'run', argv: ['b'] }] }] };
    await expect(applyPlan(plan, given)).rejects.toThrow('interrupted');
    expect(machine.ran).toEqual([]);
  });

  test('what an observer throws stops it there', async () => {
    const observer: Observer = {
      stepStarted: ({ step }) => {
        if (step === 'b') throw new Error('injected');
      },
    };
    const { machine, application: given } = application({ observer });
    const plan: Plan = {
      sequence: [
        { step: 'a', acts: [{ do: 'run', argv: ['a'] }] },
        { step: 'b', acts: [{ do: 'run', argv: ['b'] }] },
      ],
    };
    await expect(applyPlan(plan, given)).rejects.toThrow('injected');
    expect(machine.ran.map(({ argv }) => argv[0])).toEqual(['a']);
  });

  test('what a server refuses is no bug of ours', async () => {
    const refusal = Object.assign(new Error('Table is full'), { code: 'ER_RECORD_FILE_FULL', errno: 1114 });
    const refused = applyPlan(
      ask('fill', () => Promise.reject(refusal)),
      application().application,
    );
    await expect(refused).rejects.toThrow(new ServerRefusedError('Table is full'));
    const bug = applyPlan(
      ask('fill', () => Promise.reject(new TypeError('x is undefined'))),
      application().application,
    );
    await expect(bug).rejects.toThrow(TypeError);
  });

  test('a connection that is lost because its server ends tells of the end, be it seen a moment later', async () => {
    const { machine, application: given } = application();
    const start: Step = {
      step: 'start',
      acts: [{ do: 'spawn', argv: ['s'], log: '/d/log', node: 'node1', namespace: null }],
    };
    const lose = ask('lose', () => {
      setTimeout(() => {
        machine.endOf('/d/log', 'SIGKILL');
      }, 50);
      return Promise.reject(Object.assign(new Error('Connection lost'), { code: 'PROTOCOL_CONNECTION_LOST' }));
    });
    await expect(applyPlan({ sequence: [start, lose] }, given)).rejects.toThrow('The server of node1 ended (SIGKILL).');
  });

  test('a server that writes its last word has ended, although it hangs about', async () => {
    const { machine, application: given } = application();
    const end: unknown[] = [];
    const start: Step = {
      step: 'start',
      acts: [{ do: 'spawn', argv: ['s'], log: '/d/log', node: 'node1', namespace: null, givesUp: /Aborting$/m }],
    };
    const look = ask('look', async ({ firstEnd }) => {
      end.push(firstEnd());
      await machine.files.write('/d/log', 'old\nAborting\n');
      await sleep(250);
      end.push(firstEnd());
    });
    await machine.files.mkdir('/d');
    await machine.files.write('/d/log', 'old\n');
    await applyPlan({ sequence: [start, look] }, given);
    expect(end).toEqual([null, { node: 'node1', end: 'it gave up' }]);
  });

  test('the ends of servers of an earlier plan are known in a later one', async () => {
    const { machine, application: given } = application();
    const ends: Ends = new Map();
    const start: Step = {
      step: 'start',
      acts: [{ do: 'spawn', argv: ['s'], log: '/d/log', node: 'node1', namespace: null }],
    };
    await applyPlan(start, given, ends);
    machine.endOf('/d/log', 'exit code 1');
    await sleep(1);
    const seen: unknown[] = [];
    const look = ask('look', ({ firstEnd }) => Promise.resolve(void seen.push(firstEnd())));
    await applyPlan(look, given, ends);
    expect(seen).toEqual([{ node: 'node1', end: 'exit code 1' }]);
  });

  test('who asks is told how a server ended that was spawned before', async () => {
    const seen: (string | null)[] = [];
    const { machine, application: given } = application();
    const look = ask('look', async ({ endOf, deadline }) => {
      expect(deadline).toBe(DEADLINE);
      seen.push(endOf('node1'), endOf('node2'));
      machine.endOf('/d/log', 'exit code 1');
      await sleep(1);
      seen.push(endOf('node1'));
    });
    const start: Step = {
      step: 'start',
      acts: [{ do: 'spawn', argv: ['server'], log: '/d/log', node: 'node1', namespace: 'ns1' }],
    };
    await applyPlan({ sequence: [start, look] }, given);
    expect(seen).toEqual([null, null, 'exit code 1']);
  });
});
