import { inForce } from '../../cluster/fault.js';
import { NotReadyError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { loadCluster } from '../../state/clusters.js';
import { loadRules } from '../../state/rules.js';
import { describeFault } from './fault-view.js';

/** What is broken on purpose in a cluster now, a sentence each; by reading files alone. */
export async function faultSentences(machine: Machine, name: string): Promise<readonly string[]> {
  const faults = inForce(loadRules(machine, name).faults, machine.now());
  if (faults.length === 0) return [];
  const cluster = await loadCluster(machine, name);
  return faults.map((fault) => {
    const { id, kind, takes } = describeFault(machine, cluster, fault, null);
    return `The fault ${id} is in force (${kind}: ${takes}).`;
  });
}

/** Does something that may not be in time; the error names first what is broken on purpose. */
export async function namingFaults<T>(machine: Machine, name: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw await withFaults(machine, name, error);
  }
}

/** An error of something that was not in time, with the faults in force before its own words; any other as it is. */
export async function withFaults(machine: Machine, name: string, error: unknown): Promise<unknown> {
  if (!(error instanceof NotReadyError)) return error;
  const all = await faultSentences(machine, name).catch(() => []);
  const sentences = all.filter((sentence) => !error.message.includes(sentence));
  if (sentences.length === 0) return error;
  return new NotReadyError([...sentences, error.message].join('\n'), {
    cause: error,
    suggestions: [`dbns heal ${name}`, ...error.suggestions],
  });
}
