import * as v from 'valibot';
import type { Moment } from '../cluster/moment.js';

/** A moment in a state file. */
export const MOMENT: v.GenericSchema<unknown, Moment> = v.object({
  at: v.string(),
  bootId: v.string(),
  uptime: v.number(),
});
