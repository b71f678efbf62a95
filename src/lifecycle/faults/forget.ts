import type { Machine } from '../../host/machine.js';
import { changeRules } from '../ground/change-rules.js';

/** Takes faults out of what is wanted, and lets the kernel go by that. */
export async function forget(machine: Machine, cluster: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await changeRules(machine, cluster, (rules) => ({
    ...rules,
    faults: rules.faults.filter(({ id }) => !ids.includes(id)),
  }));
}
