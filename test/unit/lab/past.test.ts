import { expect, test } from 'vitest';
import type { Transition, VerbEvent } from '../../../src/cluster/event.js';
import { mergePast } from '../../../src/lab/past.js';

const verb = (at: string, name: string): VerbEvent => ({
  ...{ kind: 'verb', from: 'dbns', at: `2026-11-26T18:00:${at}Z`, bootId: 'b', uptime: 1, id: 'i' },
  ...{ verb: name, nodes: [], outcome: 'begun', about: null, error: null },
});
const logged = (at: string, after: string, grain = 0) => {
  const transition: Transition = {
    ...{ kind: 'transition', from: 'log', at: `2026-11-26T18:00:${at}Z`, bootId: null, uptime: null },
    ...{ node: 'node1', what: 'state', of: null, before: null, after, why: null },
  };
  return { transition, latest: Date.parse(transition.at) + grain };
};
const words = (past: Parameters<typeof mergePast>[0]) =>
  mergePast(past).map((event) => (event.kind === 'verb' ? event.verb : event.after));

test('what was recorded and what was logged stand in the order of time', () => {
  const past = {
    recorded: [verb('01.000', 'kill'), verb('05.000', 'start')],
    logged: [logged('00.500', 'a'), logged('03.000', 'b'), logged('09.000', 'c')],
  };
  expect(words(past)).toEqual(['a', 'kill', 'b', 'start', 'c']);
});

test('what is told to the second comes after all that was done in that second', () => {
  const past = { recorded: [verb('01.700', 'kill'), verb('02.100', 'start')], logged: [logged('01', 'dead', 999)] };
  expect(words(past)).toEqual(['kill', 'dead', 'start']);
});

test('a clock that was set back changes nothing in the order of what dbns did', () => {
  const past = { recorded: [verb('30.000', 'first'), verb('10.000', 'second')], logged: [logged('20.000', 'a')] };
  expect(words(past)).toEqual(['a', 'first', 'second']);
});

test('either may be empty', () => {
  expect(words({ recorded: [], logged: [] })).toEqual([]);
  expect(words({ recorded: [verb('01.000', 'create')], logged: [] })).toEqual(['create']);
  expect(words({ recorded: [], logged: [logged('01.000', 'a')] })).toEqual(['a']);
});
