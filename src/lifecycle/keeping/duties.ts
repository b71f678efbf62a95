import type { Cluster, Companion } from '../../cluster/cluster.js';
import { exposureName, type Exposure, type Rules } from '../../cluster/rules.js';

/** What outlives the command that wanted it: for each somebody must stay. */
export interface Duties {
  /** Ports of the machine that are to be held, so that nobody takes them meanwhile. */
  readonly ports: readonly Exposure[];
  /** Those of them that lead to whoever takes writes. */
  readonly following: readonly Exposure[];
  /** Proxies that are to lead clients to whoever takes writes and serves reads. */
  readonly companions: readonly Companion[];
}

/** The duties of a cluster, by what is wanted of it. */
export function dutiesOf({ companions }: Pick<Cluster, 'companions'>, { exposures }: Rules): Duties {
  return {
    ports: exposures,
    following: exposures.filter(({ to }) => 'role' in to),
    companions: companions.filter(({ wanted, phase }) => wanted === 'running' && phase !== 'removing'),
  };
}

/** By what each is known, to users and in the keeper's own file. */
export function dutyNames({ ports, companions }: Duties): readonly string[] {
  return [...ports.map(exposureName), ...companions.map(({ name }) => name)];
}
