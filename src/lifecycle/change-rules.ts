import { NO_RULES, isLoopback, type Rules } from '../cluster/rules.js';
import { tableName } from '../cluster/names.js';
import type { Cluster } from '../cluster/cluster.js';
import type { Resource } from '../cluster/resource.js';
import { ConflictError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { forwards } from '../network/forwarding.js';
import { observeNetwork } from '../network/observe.js';
import { removeTable } from '../network/remove.js';
import { firewallStep } from '../network/ruleset.js';
import { addToJournal, loadCluster, readJournal, takeFromJournal } from '../state/clusters.js';
import { loadRules, saveRules } from '../state/rules.js';
import { applyPlan } from './apply.js';
import { underMachineLock } from './context.js';
import { bridgeSteps } from './ground.js';
import { underRulesLock } from './rules-lock.js';
import { useShared } from './shared.js';

/** New rules out of the old ones, for the cluster as it is. */
export type RuleChange = (rules: Rules, cluster: Cluster) => Rules | Promise<Rules>;

/**
 * Changes what is wanted of a cluster's rules, and makes the kernel go by it. It needs not the cluster's lock: another verb
 * may be at work on it. What can't be carried out is not wanted any longer.
 * @throws what `change` throws, with nothing changed; ConflictError for a cluster that never came up.
 */
export async function changeRules(machine: Machine, name: string, change: RuleChange): Promise<Rules> {
  return underRulesLock(machine, name, async () => {
    const cluster = await loadCluster(machine, name);
    if (cluster.phase !== 'created')
      throw new ConflictError(`The cluster '${name}' is not there yet, or never came up.`, {
        suggestions: [`dbns status ${name}`],
      });
    const before = loadRules(machine, name);
    const after = await change(before, cluster);
    if (after !== NO_RULES || before !== NO_RULES) await saveRules(machine, name, after);
    try {
      await carryOut(machine, cluster, after);
    } catch (error) {
      await saveRules(machine, name, before);
      throw error;
    }
    return after;
  });
}

/** Makes the kernel go by the rules that are wanted, and by who is in the cluster now. */
export async function renewRules(machine: Machine, name: string): Promise<void> {
  await changeRules(machine, name, (rules) => rules);
}

/** What leads to a host goes with it. */
export async function withoutHost(machine: Machine, name: string, host: string): Promise<void> {
  await changeRules(machine, name, (rules) => {
    const exposures = rules.exposures.filter(({ to }) => !('host' in to && to.host === host));
    return exposures.length === rules.exposures.length ? rules : { ...rules, exposures };
  });
}

/** A cluster without a bridge does not stand: the next start makes all. */
async function carryOut(machine: Machine, cluster: Cluster, rules: Rules): Promise<void> {
  if (forwards(machine, cluster.network.bridge) === null) return;
  const step = firewallStep(cluster, rules);
  await underMachineLock(machine, async () => {
    await addToJournal(machine, cluster.name, step.makes ?? []);
    if (rules.exposures.some(({ bind }) => !isLoopback(bind)))
      await useShared(machine, cluster.id, (await observeNetwork(machine)).uplinks);
  });
  const application = { machine, observer: {}, signal: new AbortController().signal, deadline: Infinity };
  await applyPlan({ sequence: [...bridgeSteps(machine, cluster, rules), step] }, application);
  await removeOthers(machine, cluster, step.makes ?? []);
}

/** A table without rules is none. */
async function removeOthers(machine: Machine, { id, name }: Cluster, made: readonly Resource[]): Promise<void> {
  const journal = readJournal(machine, name);
  const needed = new Set(made.map((resource) => JSON.stringify(resource)));
  const resources = journal.kind === 'whole' ? journal.content.resources : [];
  for (const resource of resources) {
    if (resource.kind !== 'nft-table' || resource.name !== tableName(name)) continue;
    if (needed.has(JSON.stringify(resource))) continue;
    await removeTable(machine, resource, id);
    await underMachineLock(machine, () => takeFromJournal(machine, name, [resource]));
  }
}
