import * as Flags from '@oclif/core/flags';
import type { Quality } from '../cluster/fault.js';
import { UsageError } from '../errors/errors.js';
import { parseDuration } from '../cluster/duration.js';

const share = (what: string) =>
  Flags.string({ summary: `so many of the packets ${what}, e.g. 5%`, helpValue: 'SHARE' });

/** What becomes of packets. */
export const qualityFlags = {
  delay: Flags.string({ summary: 'how much later packets come, e.g. 50ms', helpValue: 'TIME' }),
  jitter: Flags.string({ summary: 'by how much that differs from packet to packet, e.g. 10ms', helpValue: 'TIME' }),
  loss: share('never come'),
  duplicate: share('come twice'),
  reorder: share('do not wait, and come before earlier ones; takes --delay'),
  corrupt: share('have one bit wrong'),
  rate: Flags.string({ summary: 'no more than that from each to each, e.g. 1mbit, a second', helpValue: 'RATE' }),
};

type Typed = { readonly [flag in keyof Quality]?: string | undefined };

/** @throws UsageError for a word of another form. */
export function qualityOf(flags: Typed): Quality {
  const read = (flag: keyof Quality, parse: (flag: string, text: string) => number) => {
    const text = flags[flag];
    return text === undefined ? null : parse(flag, text);
  };
  return {
    delay: read('delay', parseTime),
    jitter: read('jitter', parseTime),
    loss: read('loss', parseShare),
    duplicate: read('duplicate', parseShare),
    reorder: read('reorder', parseShare),
    corrupt: read('corrupt', parseShare),
    rate: read('rate', parseRate),
  };
}

/** A number alone could be milliseconds, as `ping` has them, or seconds, as other flags have them: it is neither. */
function parseTime(flag: string, text: string): number {
  if (!/[a-z]$/.test(text)) throw new UsageError(`--${flag} ${text}: write it like 50ms.`);
  return parseDuration(text);
}

function parseShare(flag: string, text: string): number {
  const [, digits] = /^(\d+(?:\.\d+)?)\s?%$/.exec(text) ?? [];
  if (digits === undefined) throw new UsageError(`--${flag} ${text}: write it like 5%.`);
  return Number(digits) / 100;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };

function parseRate(flag: string, text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([kmg]?)bit(?:\/s)?$/i.exec(text) ?? [];
  if (digits === undefined) throw new UsageError(`--${flag} ${text}: write it like 1mbit or 500kbit.`);
  return Math.round(Number(digits) * (UNITS[unit.toLowerCase()] ?? 1));
}
