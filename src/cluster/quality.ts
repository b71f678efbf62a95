import type { Quality } from './fault.js';

/** Nothing becomes of packets. */
export const WHOLE: Quality = {
  delay: null,
  jitter: null,
  loss: null,
  duplicate: null,
  reorder: null,
  corrupt: null,
  rate: null,
};

/** What becomes of packets that meet two faults: delays add up, chances are independent, the narrower place decides. */
export function both(one: Quality, other: Quality): Quality {
  const chance = either((a, b) => 1 - (1 - a) * (1 - b));
  const sum = either((a, b) => a + b);
  return {
    delay: sum(one.delay, other.delay),
    jitter: sum(one.jitter, other.jitter),
    loss: chance(one.loss, other.loss),
    duplicate: chance(one.duplicate, other.duplicate),
    reorder: chance(one.reorder, other.reorder),
    corrupt: chance(one.corrupt, other.corrupt),
    rate: either(Math.min)(one.rate, other.rate),
  };
}

function either(compose: (a: number, b: number) => number) {
  return (a: number | null, b: number | null) => (a === null ? b : b === null ? a : compose(a, b));
}

/** Whether it takes the kernel's netem. */
export function needsNetem({ delay, jitter, reorder, corrupt }: Quality): boolean {
  return [delay, jitter, reorder, corrupt].some((value) => value !== null);
}

/** Whether it takes a queue before the receiver; what is lost or comes twice is so before it gets there. */
export function needsQueue(quality: Quality): boolean {
  return quality.rate !== null || needsNetem(quality);
}

/** Whether packets are counted, or measured: then each is to be one, and not many in one piece. */
export function countsPackets({ loss, duplicate, reorder, corrupt, rate }: Quality): boolean {
  return [loss, duplicate, reorder, corrupt, rate].some((value) => value !== null);
}
