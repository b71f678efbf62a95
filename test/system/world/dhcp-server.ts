import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { start } from './command.js';
import { SOMEBODY_THERE } from './lan.js';
import { OUTSIDE } from './places.js';

const CACHE = path.resolve(import.meta.dirname, '../../../node_modules/.cache');

/** Debian's dnsmasq: the machine's, or the one that test/run unpacked. Null when there is none. */
export const DNSMASQ =
  ['/usr/sbin', `${CACHE}/dnsmasq-base/usr/sbin`]
    .map((directory) => `${directory}/dnsmasq`)
    .find((file) => existsSync(file)) ?? null;

/** Seconds; the least that dnsmasq gives. */
const LEASE = 120;

/** Serves the wire's other end. */
export const dnsmasqArgv = (leases: string, range: string): readonly string[] => [
  ...[DNSMASQ ?? '', '--keep-in-foreground', '--conf-file=/dev/null', '--port=0', '--pid-file='],
  ...['--interface=wall0', '--bind-interfaces', `--dhcp-range=${range},${LEASE}`, '--no-ping', '--user=root'],
  ...[`--dhcp-option=3,${SOMEBODY_THERE}`, `--dhcp-leasefile=${leases}`],
];

/** A DHCP server on the outside host; it knows its leases from one start to the next. */
export async function startDhcpServer(leases: string, range: string) {
  const { child, result } = start([...OUTSIDE, ...dnsmasqArgv(leases, range)], { expectExit: 'any' });
  while (!existsSync(leases)) await new Promise((resolve) => setTimeout(resolve, 10));
  return {
    /** Addresses by MAC. */
    leases: async () =>
      new Map(
        (await readFile(leases, 'utf8')).split('\n').map((line) => line.split(' ').slice(1, 3) as [string, string]),
      ),
    stop: async () => {
      child.kill('SIGTERM');
      await result;
    },
  };
}
