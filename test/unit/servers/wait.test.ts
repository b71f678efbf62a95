import { describe, expect, test } from 'vitest';
import type { AskContext } from '../../../src/cluster/plan.js';
import { NotReadyError, UsageError } from '../../../src/errors/errors.js';
import { ServerEndedError, assertRuns, waitUntil } from '../../../src/servers/wait.js';

const context = (changes: Partial<AskContext> = {}): AskContext => ({
  signal: new AbortController().signal,
  deadline: Date.now() + 60_000,
  endOf: () => null,
  ...changes,
});

/** Answers one after another; an error is thrown. */
const answers = (...list: (string | null | Error)[]) => {
  return () => {
    const next = list.length > 1 ? list.shift() : list[0];
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next ?? null);
  };
};

describe('waitUntil', () => {
  test('asks until nothing is amiss; what is thrown is amiss', async () => {
    await waitUntil(context(), answers('not yet', new Error('ECONNREFUSED'), null));
  });

  test('tells the last answer after the deadline', async () => {
    const late = context({ deadline: Date.now() + 20 });
    await expect(waitUntil(late, answers('first', 'last'))).rejects.toThrow(new NotReadyError('last'));
  });

  test('asks at least once', async () => {
    await waitUntil(context({ deadline: 0 }), answers(null));
  });

  test('an error of our own ends it', async () => {
    await expect(waitUntil(context(), answers(new UsageError('no')))).rejects.toThrow(UsageError);
  });

  test('an abort ends it with its reason', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(waitUntil(context({ signal }), answers('never'))).rejects.toThrow('enough');
  });
});

test('assertRuns tells how a server ended', () => {
  const ended = context({ endOf: (node) => (node === 'node1' ? 'exit code 1' : null) });
  expect(() => {
    assertRuns(ended, 'node2');
  }).not.toThrow();
  expect(() => {
    assertRuns(ended, 'node1');
  }).toThrow(new ServerEndedError('node1', 'exit code 1'));
});
