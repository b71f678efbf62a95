import { expect, test } from 'vitest';
import { ConflictError, InterruptedError } from '../../../src/errors/errors.js';
import { recorded, recordOfKeeper } from '../../../src/lifecycle/record.js';
import { eventReader } from '../../../src/state/events.js';
import { fakeMachine } from '../../fakes/machine.js';

const machineWithEast = () => fakeMachine({ directories: ['/var/lib/dbns/clusters/east'] });
const told = async (machine: ReturnType<typeof fakeMachine>) =>
  (await eventReader(machine, 'east').read()).map(({ outcome, nodes, error }) => [outcome, nodes, error?.code ?? null]);

test('a verb is recorded when it begins and when it is done, with those whom it touched', async () => {
  const machine = machineWithEast();
  const verb = { verb: 'add', touched: (names: readonly string[]) => names };
  expect(await recorded(machine, 'east', verb, () => Promise.resolve(['node4']))).toEqual(['node4']);
  expect(await told(machine)).toEqual([
    ['begun', [], null],
    ['done', ['node4'], null],
  ]);
  const [begin, end] = await eventReader(machine, 'east').read();
  expect(begin).toMatchObject({ bootId: 'b', uptime: 60_000, at: '2026-01-02T03:04:05.000Z' });
  expect(end?.id).toBe(begin?.id);
});

test.each([
  [new ConflictError('busy\nthe log'), 'failed', 'DBNS_CONFLICT', 'busy'],
  [
    new InterruptedError('SIGINT', 'it goes on'),
    'interrupted',
    'DBNS_INTERRUPTED',
    'Interrupted by SIGINT; it goes on.',
  ],
  [new DOMException('enough', 'AbortError'), 'interrupted', 'DBNS_BUG', 'enough'],
  [new TypeError('x is not a function'), 'failed', 'DBNS_BUG', 'x is not a function'],
])('one that throws %s is %s, and throws it on', async (error, outcome, code, message) => {
  const machine = machineWithEast();
  const act = () => Promise.reject(error);
  await expect(recorded(machine, 'east', { verb: 'stop', nodes: ['node1'] }, act)).rejects.toBe(error);
  const [, end] = await eventReader(machine, 'east').read();
  expect(end).toMatchObject({ outcome, nodes: ['node1'], error: { code, message } });
});

test("the last verb of a cluster is told only when it fails: the place may be another cluster's by then", async () => {
  const machine = machineWithEast();
  await recorded(machine, 'east', { verb: 'destroy', isLast: true }, () => Promise.resolve());
  expect(await told(machine)).toEqual([['begun', [], null]]);
});

test('where nothing can be recorded verbs are done all the same', async () => {
  const machine = fakeMachine();
  expect(await recorded(machine, 'east', { verb: 'start' }, () => Promise.resolve(7))).toBe(7);
});

test('what a keeper did is one event', async () => {
  const machine = machineWithEast();
  await recordOfKeeper(machine, 'east', { verb: 'lead', nodes: ['proxy1'], about: 'writes to node2' });
  expect(await eventReader(machine, 'east').read()).toMatchObject([
    { from: 'keeper', verb: 'lead', nodes: ['proxy1'], about: 'writes to node2', outcome: 'done' },
  ]);
});
