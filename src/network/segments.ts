import * as v from 'valibot';
import { hostsOf } from '../cluster/cluster.js';
import { GATEWAY } from '../cluster/fault.js';
import type { Step } from '../cluster/plan.js';
import type { Machine } from '../host/machine.js';
import { insideOf } from './links.js';
import type { Ruled } from './rule.js';

/**
 * Links here carry up to 64 KB in one piece, which the kernel cuts into packets only where a wire begins (GSO): whoever counts
 * or measures packets would take many for one. With one segment at most they are packets from the start, those of
 * connections that stand too, and whatever the sender's own settings are.
 */
export const ONE_BY_ONE = 1;

const LINK = v.object({ gso_max_segs: v.number() });

/** How many segments leave in one piece where a host sends, or the bridge for `GATEWAY`; null when it is not there. */
export async function segmentsOf(machine: Machine, cluster: Ruled, sender: string): Promise<number | null> {
  const place = placeOf(cluster, sender);
  if (place === null) return null;
  const argv = ['ip', ...place.into, '-json', '-details', 'link', 'show', 'dev', place.device];
  const { stdout, exitCode } = await machine.run(argv, { allowFailure: true });
  if (exitCode !== 0) return null;
  const [link] = v.parse(v.array(LINK), JSON.parse(stdout));
  return link?.gso_max_segs ?? null;
}

/** Sets it. */
export function segmentsStep(cluster: Ruled, sender: string, segments: number): Step {
  const { into = [], device = '' } = placeOf(cluster, sender) ?? {};
  const argv = ['ip', ...into, 'link', 'set', 'dev', device, 'gso_max_segs', String(segments)];
  return { step: `let ${sender} send ${segments} segments in one piece`, acts: [{ do: 'run', argv }] };
}

function placeOf(cluster: Ruled, sender: string) {
  if (sender === GATEWAY) return { into: [], device: cluster.network.bridge };
  const host = hostsOf(cluster).find(({ name }) => name === sender);
  return host === undefined ? null : { into: ['-n', host.namespace], device: insideOf(host) };
}
