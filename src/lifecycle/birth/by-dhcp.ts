import { UsageError } from '../../errors/errors.js';
import { seatByDhcp } from '../by-dhcp.js';
import type { Limited } from '../context.js';
import type { Wanted } from '../resolve.js';
import { lanOf } from './reserve.js';

/**
 * What is wanted with the addresses that the LAN's DHCP server gives, as if somebody had chosen them; the same where nobody asks for that.
 * @throws NotReadyError when none gives any; what `lanOf` throws.
 */
export async function addressed<T extends Wanted>(wanted: T, context: Limited): Promise<T> {
  const { spec } = wanted;
  const found = spec.dhcp === true ? await lanOf(context.machine, spec) : null;
  if (found === null) return wanted;
  const { seats, addresses, first } = await seatByDhcp(wanted.seats, spec.name ?? spec.topology, found.to, context);
  const gateway = spec.gateway ?? first.gateway;
  return {
    ...wanted,
    seats,
    spec: { ...spec, addresses, subnet: spec.subnet ?? first.subnet, ...(gateway !== null && { gateway }) },
  };
}

/** @throws UsageError where addresses are not asked for. */
export function assertPlannable({ dhcp }: Wanted['spec']): void {
  if (dhcp === true)
    throw new UsageError('--dry-run and --ip dhcp: which addresses nodes get is known when they have asked.');
}
