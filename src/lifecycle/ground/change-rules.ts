import { exposedHost, isOutside, NO_RULES, wantForwarding, type Rules } from '../../cluster/rules.js';
import { tableName } from '../../cluster/names.js';
import { cameUp, type Cluster } from '../../cluster/cluster.js';
import { namedBy, withoutName } from '../../cluster/fault.js';
import { resourcesOf, type Plan } from '../../cluster/plan.js';
import type { Resource } from '../../cluster/resource.js';
import { ConflictError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { passStep } from '../../network/foreign-firewall.js';
import { insidesThere } from '../../network/insides.js';
import { observeNetwork } from '../../network/observe.js';
import { removeTable } from '../../network/remove.js';
import { routesStep } from '../../network/routes.js';
import { carrierStep, standingHosts } from '../../network/links.js';
import { firewallStep } from '../../network/ruleset.js';
import { addToJournal, loadCluster, nullWhenGone, readJournal, takeFromJournal } from '../../state/clusters.js';
import { isUnfinished, loadRules, noteFinished, noteUnfinished, saveRules } from '../../state/rules.js';
import { applyPlan } from '../apply.js';
import { underMachineLock } from '../context.js';
import { closeInsides, openInsides } from './ground.js';
import { tellNeighbours, writeNames } from './names.js';
import { clearPassage, unpassedIn } from './passage.js';
import { slowLinks } from './queues.js';
import { underRulesLocks } from './rules-lock.js';
import { useShared } from './shared.js';
import { cutLinks, takingsIn } from './takings.js';

/** New rules out of the old ones, for the cluster as it is. */
export type RuleChange = (rules: Rules, cluster: Cluster) => Rules | Promise<Rules>;

/** A cluster as it is, and its rules. */
export interface RuledCluster {
  readonly cluster: Cluster;
  readonly rules: Rules;
}

/**
 * Changes what is wanted of a cluster's rules, and makes the kernel go by it. It needs not the cluster's lock: another verb
 * may be at work on it. What can't be carried out is not wanted any longer.
 * @throws what `change` throws, with nothing changed; ConflictError for a cluster that never came up.
 */
export async function changeRules(machine: Machine, name: string, change: RuleChange): Promise<void> {
  await changeRulesOf(machine, [name], async ([ruled]) =>
    ruled === undefined ? [] : [await change(ruled.rules, ruled.cluster)],
  );
}

/**
 * The same of several clusters, whose rules are changed together.
 * @param change answers with the rules of each, in the order of `names`
 */
export async function changeRulesOf(
  machine: Machine,
  names: readonly string[],
  change: (before: readonly RuledCluster[]) => Promise<readonly Rules[]>,
): Promise<void> {
  await underRulesLocks(machine, names, async () => {
    const before = await Promise.all(names.map((name) => loadRuled(machine, name)));
    const after = await change(before);
    try {
      for (const [position, { cluster, rules }] of before.entries())
        await bringAbout(machine, cluster, rules, after[position] ?? rules);
    } catch (error) {
      for (const { cluster, rules } of before) await bringAbout(machine, cluster, rules, rules).catch(() => undefined);
      throw error;
    }
  });
  for (const name of names) await tellNeighbours(machine, name).catch(nullWhenGone);
}

async function loadRuled(machine: Machine, name: string): Promise<RuledCluster> {
  const cluster = await loadCluster(machine, name);
  if (cameUp(cluster)) return { cluster, rules: loadRules(machine, name) };
  throw new ConflictError(`The cluster '${name}' is not there yet, or never came up.`, {
    suggestions: [`dbns status ${name}`],
  });
}

async function bringAbout(machine: Machine, cluster: Cluster, before: Rules, after: Rules): Promise<void> {
  // One that was killed in the middle may have cut links whose fault is gone.
  const cuts = isUnfinished(machine, cluster.name) || [before, after].some(hasCuts);
  await noteUnfinished(machine, cluster.name);
  if (after !== NO_RULES || before !== NO_RULES) await saveRules(machine, cluster.name, after);
  await carryOut(machine, cluster, after, cuts);
  if (before.links.length + after.links.length > 0) await writeNames(machine, cluster);
  await noteFinished(machine, cluster.name);
}

const hasCuts = ({ faults }: Rules) => faults.some(({ kind }) => kind === 'cut');

/** Makes the kernel go by the rules that are wanted, and by who is in the cluster now. */
export async function renewRules(machine: Machine, name: string): Promise<void> {
  await changeRules(machine, name, (rules) => rules);
}

/** What leads to a host goes with it. */
export async function withoutHost(machine: Machine, name: string, host: string): Promise<void> {
  await changeRules(machine, name, (rules) => {
    const exposures = rules.exposures.filter((exposure) => exposedHost(exposure) !== host);
    const links = rules.links.map((link) =>
      link.to?.includes(host) === true ? { ...link, to: link.to.filter((other) => other !== host) } : link,
    );
    const faults = rules.faults.flatMap((fault) =>
      namedBy(fault).includes(host) ? (withoutName(fault, host) ?? []) : fault,
    );
    const isSame =
      exposures.length === rules.exposures.length &&
      links.every((link) => rules.links.includes(link)) &&
      faults.length === rules.faults.length &&
      faults.every((fault) => rules.faults.includes(fault));
    return isSame ? rules : { ...rules, exposures, links, faults };
  });
}

/** A cluster without its bridges, or links, does not stand: the next start makes all. What opens comes last, what closes first. */
async function carryOut(machine: Machine, cluster: Cluster, rules: Rules, cuts: boolean): Promise<void> {
  const insides = insidesThere(machine, cluster);
  if (insides.length === 0) return;
  const takings = await takingsIn(machine, cluster, rules);
  const tables = firewallStep(cluster, rules, takings);
  const plan: Plan = {
    sequence: [
      ...closeInsides(machine, insides, { cluster, rules }),
      tables,
      ...(cuts ? [carrierStep(cluster, takings.devices, cutLinks(machine, cluster, rules))] : []),
      ...(await passSteps(machine, cluster, rules)),
      ...(await routeSteps(machine, cluster, rules)),
      ...openInsides(machine, insides, { cluster, rules }),
    ],
  };
  await underMachineLock(machine, async () => {
    await addToJournal(machine, cluster.name, resourcesOf(plan));
    // Ports are exposed by IPv4.
    if (rules.exposures.some(isOutside)) await useShared(machine, cluster.id, (await observeNetwork(machine)).uplinks);
  });
  await applyPlan(plan, { machine, observer: {}, signal: new AbortController().signal, deadline: Infinity });
  await removeOthers(machine, cluster, tables.makes ?? []);
  await slowLinks(machine, cluster, rules);
}

/** Who has a way out has passed other firewalls since it was made. */
async function passSteps(machine: Machine, cluster: Cluster, rules: Rules) {
  if (cluster.network.uplinks.length > 0 || !wantForwarding(rules)) return [];
  const unpassed = await unpassedIn(
    machine,
    cluster,
    await observeNetwork(machine, { ipv6: cluster.network.ipv6 !== null }),
  );
  await clearPassage(machine, cluster, unpassed);
  return unpassed.map((chain) => passStep(cluster, chain));
}

async function routeSteps(machine: Machine, cluster: Cluster, { links }: Rules) {
  const namespaces = new Set((await machine.files.list(machine.roots.netns)).map(({ name }) => name));
  const there = standingHosts(cluster, { namespaces }).filter(({ namespace }) => namespaces.has(namespace));
  const steps = await Promise.all(there.map((host) => routesStep(machine, cluster, host, links)));
  return steps.filter((step) => step !== null);
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
