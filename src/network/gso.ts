import * as v from 'valibot';
import { hostsOf } from '../cluster/cluster.js';
import { GATEWAY } from '../cluster/fault.js';
import type { Step } from '../cluster/plan.js';
import type { Machine } from '../host/machine.js';
import { insideOf } from './inside-of.js';
import { insidesThere, ownInsides } from './insides.js';
import type { Ruled } from './rule.js';

/**
 * Links here carry up to 64 KB in one piece, which the kernel cuts into packets only where a wire begins (GSO): whoever counts
 * or measures packets would take many for one. With one segment at most they are packets from the start, those of
 * connections that stand too, and whatever the sender's own settings are.
 */
export const ONE_BY_ONE = 1;

const LINK = v.object({ gso_max_segs: v.number() });

/** How many segments leave in one piece where a host sends, or the machine for `GATEWAY`; null when that is not there. */
export async function segmentsOf(machine: Machine, cluster: Ruled, sender: string): Promise<number | null> {
  const { into, devices } = placeOf(machine, cluster, sender);
  const [first] = devices;
  if (first === undefined) return null;
  const argv = ['ip', ...into, '-json', '-details', 'link', 'show', 'dev', first];
  const { stdout, exitCode } = await machine.run(argv, { allowFailure: true });
  if (exitCode !== 0) return null;
  const [link] = v.parse(v.array(LINK), JSON.parse(stdout));
  return link?.gso_max_segs ?? null;
}

/** Sets it. */
export function segmentsStep(machine: Machine, cluster: Ruled, sender: string, segments: number): Step {
  const { into, devices } = placeOf(machine, cluster, sender);
  const set = (device: string) => ['ip', ...into, 'link', 'set', 'dev', device, 'gso_max_segs', String(segments)];
  const acts = devices.map((device) => ({ do: 'run', argv: set(device) }) as const);
  return { step: `let ${sender} send ${segments} segments in one piece`, acts };
}

function placeOf(machine: Machine, cluster: Ruled, sender: string) {
  if (sender === GATEWAY) return { into: [], devices: ownInsides(cluster.network, insidesThere(machine, cluster)) };
  const host = hostsOf(cluster).find(({ name }) => name === sender);
  return host === undefined ? { into: [], devices: [] } : { into: ['-n', host.namespace], devices: [insideOf(host)] };
}
