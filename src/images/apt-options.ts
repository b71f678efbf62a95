import type { Machine } from '../host/machine.js';

/**
 * A mirror that says nothing for this many seconds is given up, after one more attempt: with apt's own settings a
 * server that hangs takes minutes to be told.
 */
const SILENCE = 10;
const RETRIES = 1;

/**
 * The lines of an apt.conf for a pull. mmdebstrap does not read the machine's own, so how the machine gets out (proxies
 * and their exceptions) is passed on.
 */
export async function aptOptions(
  machine: Machine,
  { allowExpired }: { readonly allowExpired: boolean },
): Promise<string> {
  const { stdout } = await machine.run(
    ['apt-config', 'dump', '--format', '%F "%v";%n', 'Acquire::http', 'Acquire::https'],
    {
      allowFailure: true,
    },
  );
  const lines = [
    ...wayOut(stdout),
    `Acquire::http::Timeout "${SILENCE}";`,
    `Acquire::https::Timeout "${SILENCE}";`,
    `Acquire::Retries "${RETRIES}";`,
    ...(allowExpired ? ['Acquire::Check-Valid-Until "false";'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** Every setting with a value from what `apt-config dump` printed. */
export function wayOut(dump: string): readonly string[] {
  return dump.split('\n').filter((line) => /^Acquire::https?::\S+ "[^"]+";$/.test(line));
}
