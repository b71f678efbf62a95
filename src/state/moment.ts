import * as z from 'zod';
import type { Moment } from '../cluster/moment.js';

/** A moment in a state file. */
export const MOMENT: z.ZodType<Moment> = z.object({ at: z.string(), bootId: z.string(), uptime: z.number() });
