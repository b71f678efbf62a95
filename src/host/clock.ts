import fs from 'node:fs';
import type { Moment } from '../cluster/moment.js';

/** By the wall's clock and the boot's, to a hundredth of a second. */
export function now(): Moment {
  const [uptime] = fs.readFileSync('/proc/uptime', 'utf8').split(' ');
  return { at: new Date().toISOString(), bootId: bootId(), uptime: Math.round(Number(uptime) * 1000) };
}

/** What tells this boot of the machine from all others. */
export function bootId(): string {
  return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
