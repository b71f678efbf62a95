import type { Machine } from '../host/machine.js';
import { processesIn } from './find.js';

/** Gives all that runs in namespaces the usual priority, where we may. */
export function usualPriority(machine: Machine, namespaces: readonly string[]): void {
  if (!machine.processes.mayRaisePriority()) return;
  for (const { pid } of processesIn(machine, namespaces)) machine.processes.usualPriority(pid);
}
