import { describe, expect, test } from 'vitest';
import type { AskContext } from '../../../src/cluster/plan.js';
import { NotReadyError, UsageError } from '../../../src/errors/errors.js';
import { ServerEndedError, assertAllRun, waitUntil } from '../../../src/servers/wait.js';

const context = (changes: Partial<AskContext> = {}): AskContext => ({
  signal: new AbortController().signal,
  deadline: Date.now() + 60_000,
  endOf: () => null,
  firstEnd: () => null,
  tell: () => undefined,
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

const ended = { node: 'node2', end: 'exit code 1' };

test('the end of any server that was started ends the waiting, whoever is asked', async () => {
  const waiting = waitUntil(context({ firstEnd: () => ended }), answers('node1 does not answer yet'));
  await expect(waiting).rejects.toThrow(new ServerEndedError('node2', 'exit code 1'));
});

test('assertAllRun tells which server ended, and how', () => {
  expect(() => {
    assertAllRun(context());
  }).not.toThrow();
  expect(() => {
    assertAllRun({ firstEnd: () => ended });
  }).toThrow('The server of node2 ended (exit code 1).');
});
