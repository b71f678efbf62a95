import type { Machine } from '../host/machine.js';
import type { PullOptions } from './pull-options.js';

/**
 * A mirror that says nothing for this many milliseconds is given up, after one more attempt: with apt's own settings a
 * server that hangs takes minutes to be told.
 */
const SILENCE = 10_000;
const RETRIES = 1;

/**
 * The lines of an apt.conf for a pull. mmdebstrap does not read the machine's own, so how the machine gets out (proxies
 * and their exceptions) is passed on.
 */
export async function aptOptions(
  machine: Machine,
  { allowExpired = false, silence = SILENCE }: PullOptions,
): Promise<string> {
  const { stdout } = await machine.run(
    ['apt-config', 'dump', '--format', '%F "%v";%n', 'Acquire::http', 'Acquire::https'],
    {
      allowFailure: true,
    },
  );
  const seconds = Math.ceil(silence / 1000);
  const lines = [
    ...wayOut(stdout),
    `Acquire::http::Timeout "${seconds}";`,
    `Acquire::https::Timeout "${seconds}";`,
    `Acquire::Retries "${RETRIES}";`,
    ...(allowExpired ? ['Acquire::Check-Valid-Until "false";'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** Every setting with a value from what `apt-config dump` printed. */
export function wayOut(dump: string): readonly string[] {
  return dump.split('\n').filter((line) => /^Acquire::https?::\S+ "[^"]+";$/.test(line));
}
