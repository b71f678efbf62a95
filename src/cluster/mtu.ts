import { UsageError } from '../errors/errors.js';

/** Bytes; what the kernel gives a bridge and a veth pair, and Ethernet has. */
export const DEFAULT_MTU = 1500;

/** Every host takes a packet of 576 bytes (RFC 791); a veth pair carries none above 65535. */
const [LEAST, MOST] = [576, 65535];

/** @throws UsageError when no link can have it. */
export function assertMtu(mtu: number): void {
  if (Number.isInteger(mtu) && mtu >= LEAST && mtu <= MOST) return;
  throw new UsageError(`The MTU ${mtu} can't be had: it is a whole number of bytes from ${LEAST} to ${MOST}.`);
}
