import { expect, test } from 'vitest';
import type { VerbEvent } from '../../../src/cluster/event.js';
import { appendEvent, eventReader } from '../../../src/state/events.js';
import { fakeMachine } from '../../fakes/machine.js';

const DIRECTORY = '/var/lib/dbns/clusters/east';
const event = (id: string, changes: Partial<VerbEvent> = {}): VerbEvent => ({
  ...{ kind: 'verb', from: 'dbns', at: '2026-11-26T18:00:00.000Z', bootId: 'b', uptime: 1, id },
  ...{ verb: 'kill', nodes: ['node1'], outcome: 'begun', about: null, error: null },
  ...changes,
});
const machineWith = (files: Readonly<Record<string, string>> = {}) => fakeMachine({ directories: [DIRECTORY], files });
const idsOf = (events: readonly VerbEvent[]) => events.map(({ id }) => id);
const full = (id: string) => `${JSON.stringify(event(id))}\n${' '.repeat(256 * 1024)}\n`;

test('each event is a line in a file that only root reads, and comes back as it was', async () => {
  const machine = machineWith();
  const failed = event('b', { outcome: 'failed', error: { code: 'DBNS_CONFLICT', message: 'busy' } });
  for (const one of [event('a'), failed]) await appendEvent(machine, 'east', one);
  expect(machine.tree.get(`${DIRECTORY}/events-1.jsonl`)).toMatchObject({ mode: 0o600 });
  expect(await eventReader(machine, 'east').read()).toEqual([event('a'), failed]);
});

test('a file that is full is followed by the next, and of all that are there the last two stay', async () => {
  const machine = machineWith({
    [`${DIRECTORY}/events-8.jsonl`]: full('oldest'),
    [`${DIRECTORY}/events-9.jsonl`]: full('old'),
  });
  const reader = eventReader(machine, 'east');
  expect(idsOf(await reader.read())).toEqual(['oldest', 'old']);
  await appendEvent(machine, 'east', event('new'));
  expect(idsOf(await reader.read())).toEqual(['new']);
  const left = (await machine.files.list(DIRECTORY)).map(({ name }) => name);
  expect(left).toEqual(['events-9.jsonl', 'events-10.jsonl']);
  expect(idsOf(await eventReader(machine, 'east').read())).toEqual(['old', 'new']);
});

test('a reader gets each event once, and never half a line', async () => {
  const machine = machineWith();
  const reader = eventReader(machine, 'east');
  await appendEvent(machine, 'east', event('a'));
  expect(idsOf(await reader.read())).toEqual(['a']);
  expect(await reader.read()).toEqual([]);
  const line = JSON.stringify(event('b'));
  await machine.files.append(`${DIRECTORY}/events-1.jsonl`, line.slice(0, 20), 0o600);
  expect(await reader.read()).toEqual([]);
  await machine.files.append(`${DIRECTORY}/events-1.jsonl`, `${line.slice(20)}\n`, 0o600);
  expect(idsOf(await reader.read())).toEqual(['b']);
});

test('what is garbled, or of another dbns, is left out', async () => {
  const lines = ['{"kind":"ver', '', '7', '{"kind":"weather"}', JSON.stringify(event('a'))];
  const machine = machineWith({ [`${DIRECTORY}/events-1.jsonl`]: `${lines.join('\n')}\n` });
  expect(idsOf(await eventReader(machine, 'east').read())).toEqual(['a']);
});

test('of a cluster that is gone nothing is recorded, and no directory is made', async () => {
  const machine = fakeMachine();
  await expect(appendEvent(machine, 'east', event('a'))).rejects.toThrow('ENOENT');
  expect(machine.tree.has(DIRECTORY)).toBe(false);
});
