import { writeFile } from 'node:fs/promises';
import { run } from './command.js';
import { OUTSIDE } from './places.js';

// A LAN of the world's own: a wire from the machine to the outside host, which is somebody there.

/** The machine's interface on that wire. */
export const WIRE = 'lan0';
export const LAN = '192.168.7.0/24';
/** The outside host there. */
export const SOMEBODY_THERE = '192.168.7.9';
export const MACHINE_THERE = '192.168.7.2';
/** Addresses that nobody has. */
export const FREE = '192.168.7.50-192.168.7.55';

/** Lays the wire; the machine has no address there yet. */
export async function layWire(): Promise<void> {
  await run([
    'ip',
    'link',
    'add',
    WIRE,
    'type',
    'veth',
    'peer',
    'name',
    'wall0',
    'netns',
    process.env.DBNS_WORLD_OUTSIDE_PID ?? '',
  ]);
  await raise(WIRE);
  await run([...OUTSIDE, 'ip', 'address', 'add', `${SOMEBODY_THERE}/24`, 'dev', 'wall0']);
  await run([...OUTSIDE, 'ip', 'link', 'set', 'wall0', 'up']);
}

/** Without IPv6, which would come to addresses a second later, and snapshots differ. */
export async function raise(link: string): Promise<void> {
  await writeFile(`/proc/sys/net/ipv6/conf/${link}/disable_ipv6`, '1');
  await run(['ip', 'link', 'set', link, 'up']);
}

/** Gives the machine an address there, and a route beyond. */
export async function giveAddress(link: string): Promise<void> {
  await run(['ip', 'address', 'add', `${MACHINE_THERE}/24`, 'broadcast', '+', 'dev', link]);
  await run([
    'ip',
    'route',
    'add',
    '10.77.0.0/16',
    'via',
    SOMEBODY_THERE,
    'dev',
    link,
    'src',
    MACHINE_THERE,
    'metric',
    '77',
  ]);
}

export async function takeWire(): Promise<void> {
  await run(['ip', 'link', 'delete', WIRE]);
}
