import type { Cluster } from '../../cluster/cluster.js';
import type { Exposure } from '../../cluster/rules.js';
import type { Machine } from '../../host/machine.js';
import { changeRules } from '../ground/change-rules.js';

/**
 * Lets the ports that follow whoever takes writes lead there. While nobody takes them they lead to who did last. False where
 * nothing had to be done.
 */
export async function leadExposures(
  machine: Machine,
  { name }: Pick<Cluster, 'name'>,
  following: readonly Exposure[],
  writer: string | null,
): Promise<boolean> {
  if (writer === null || following.every(({ leadsTo }) => leadsTo === writer)) return false;
  await changeRules(machine, name, (rules) => ({
    ...rules,
    exposures: rules.exposures.map((exposure) => ('role' in exposure.to ? { ...exposure, leadsTo: writer } : exposure)),
  }));
  return true;
}
