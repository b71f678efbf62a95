import type { Quality } from '../../cluster/fault.js';
import { UsageError } from '../../errors/errors.js';

/** Milliseconds; a share of packets; bits a second. */
const LONGEST = 60_000;
const LEAST_SHARE = 0.0001;
const SLOWEST = 8_000;
const FASTEST = 100e9;

/** @throws UsageError when nothing is said, or what can't be. */
export function assertQuality(quality: Quality): void {
  const { delay, jitter, loss, duplicate, reorder, corrupt, rate } = quality;
  if (Object.values(quality).every((value) => value === null))
    throw new UsageError(`Say what becomes of packets: ${ALL}.`);
  assertTime('delay', delay);
  assertTime('jitter', jitter);
  if (jitter !== null && jitter > (delay ?? 0))
    throw new UsageError('--jitter is by how much --delay differs: at most as much as that.');
  if (reorder !== null && delay === null)
    throw new UsageError('--reorder takes --delay too: packets get ahead of those that wait.');
  for (const [flag, share] of Object.entries({ loss, duplicate, reorder, corrupt })) assertShare(flag, share);
  if (rate !== null && (rate < SLOWEST || rate > FASTEST)) throw new UsageError('--rate is 8kbit to 100gbit.');
}

const ALL = '--delay, --jitter, --loss, --duplicate, --reorder, --corrupt or --rate';

function assertTime(flag: string, value: number | null): void {
  if (value === null || (value >= 0.001 && value <= LONGEST)) return;
  throw new UsageError(
    `--${flag} is at most 60s, and at least a microsecond: 'dbns fault partition' lets nothing through.`,
  );
}

function assertShare(flag: string, share: number | null): void {
  if (share === null || (share >= LEAST_SHARE && share <= 1)) return;
  throw new UsageError(`--${flag} is 0.01% to 100% of the packets.`);
}
