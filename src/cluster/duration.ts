import ms, { type StringValue } from 'ms';
import { UsageError } from '../errors/errors.js';

/** Milliseconds, or words: `500ms`, `30s`, `5m`, `1h`. */
export type Duration = number | string;

/** `500ms`, `30s`, `5m`; a number alone is seconds. Milliseconds. */
export function parseDuration(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1000
    : /^\d+(\.\d+)?\s?(ms|s|m|h)$/.test(text)
      ? ms(text as StringValue)
      : NaN;
  if (!(value > 0)) throw new UsageError(`'${text}' is not a duration: write it like 30s or 5m.`);
  return value;
}

/** @throws UsageError for what is no time. */
export function milliseconds(duration: Duration): number {
  if (typeof duration === 'string') return parseDuration(duration);
  if (duration > 0) return duration;
  throw new UsageError(`${duration} is not a duration: it is more than 0 ms.`);
}
