import { expect, test } from 'vitest';
import { mailbox } from '../../../src/lab/mailbox.js';

const never = new AbortController().signal;

test('what has come is given out at once, and once', async () => {
  const box = mailbox<number>();
  box.put([1]);
  box.put([2, 3]);
  expect(await box.take(60_000, never)).toEqual([1, 2, 3]);
  expect(await box.take(1, never)).toEqual([]);
});

test('who waits gets what comes meanwhile, long before the time is up', async () => {
  const box = mailbox<number>();
  const taken = box.take(60_000, never);
  box.put([]);
  box.put([4]);
  expect(await taken).toEqual([4]);
});

test('an abort ends the waiting', async () => {
  const box = mailbox<number>();
  const controller = new AbortController();
  const taken = box.take(60_000, controller.signal);
  controller.abort();
  expect(await taken).toEqual([]);
  expect(await box.take(60_000, controller.signal)).toEqual([]);
});
