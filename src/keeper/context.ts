import type { Context } from '../lifecycle/context.js';
import type { Machine } from '../host/machine.js';

/** Of what the keeper does by itself: nobody watches it, and nobody aborts it. */
export function contextOf(machine: Machine): Context {
  return { machine, observer: {}, signal: new AbortController().signal };
}
