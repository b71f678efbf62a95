import { namesOf, type Cluster } from '../../cluster/cluster.js';
import { ConflictError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { topologyNamed } from '../../topologies/registry.js';
import { applyPlan } from '../apply.js';
import type { Limited } from '../context.js';
import { copyOf, preparePlan } from '../data-directories.js';
import { ensurePristine } from '../pristine.js';
import { bringBack } from '../running/start.js';
import { settingOf } from '../setting.js';
import type { Beginning } from './beginning.js';
import { bringIn, comingOf, layData } from '../growth/come.js';

/**
 * Whether a reset goes back to the copies that `create` took.
 * @param toInit as it was said; absent is: where there are any
 * @throws ConflictError when there are none, or when nodes are gone that the others know.
 */
export function wantsCopies(machine: Machine, cluster: Cluster, toInit: boolean | undefined): boolean {
  const { name, made, nodes } = cluster;
  const init = made?.init === true;
  if (toInit === true && !init) {
    throw new ConflictError(
      `There are no copies of data that '${name}' could go back to: it was made without --init, or upgraded since.`,
      {
        suggestions: [`dbns reset ${name}`],
      },
    );
  }
  if (!init || toInit === false) return false;
  const suggestions = [`Empty, and without that data: dbns reset ${name} --no-to-init`];
  const { copied } = parted(cluster);
  const gone = Object.keys(made.roles).filter((one) => !nodes.some((node) => node.name === one));
  if (gone.length > 0) {
    throw new ConflictError(`${gone.join(', ')} of '${name}' was removed: the copies are of nodes that know it.`, {
      suggestions,
    });
  }
  const lost = copied.filter((node) => !machine.files.exists(copyOf(node)));
  if (lost.length === 0) return true;
  throw new ConflictError(`The copy that ${namesOf(lost)} of '${name}' had is gone.`, { suggestions });
}

/** The nodes that have copies, and those that were added since. */
function parted({ made, nodes }: Cluster) {
  const isCopied = ({ name }: { readonly name: string }) => made?.roles[name] !== undefined;
  return { copied: nodes.filter(isCopied), added: nodes.filter((node) => !isCopied(node)) };
}

/** Nodes get their copies, and start as after a stop; those that were added come in as they do to any cluster. */
export function fromCopies(target: Cluster, context: Limited): Beginning {
  const { copied, added } = parted(target);
  return {
    sources: new Map(copied.map((node) => [node, copyOf(node)])),
    async form(cluster) {
      const alone = { ...cluster, nodes: copied };
      const before = cluster.made === null ? alone : topologyNamed(cluster.topology).life.anew(alone, cluster.made);
      await startAgain(before, context);
      if (added.length > 0) await bringInAgain(before, cluster, context);
    },
  };
}

async function startAgain(cluster: Cluster, context: Limited): Promise<void> {
  const { machine, signal, deadline, observer } = context;
  const topology = topologyNamed(cluster.topology);
  const setting = await settingOf(machine, cluster);
  const { nodes } = cluster;
  await applyPlan(preparePlan(topology, setting, nodes), { ...context, deadline: Infinity });
  const request = { setting, starting: nodes, running: [], resting: [], bootstrap: null, looksOnly: false };
  const recovery = await topology.life.recover(request, { signal, deadline });
  recovery.notes.forEach((sentence) => observer.told?.(sentence));
  await bringBack(request, recovery, context);
}

async function bringInAgain(before: Cluster, cluster: Cluster, context: Limited): Promise<void> {
  const { machine, observer } = context;
  const newcomers = parted(cluster).added.map((node) => ({ ...node, phase: 'adding' as const }));
  const setting = await settingOf(machine, { ...cluster, nodes: [...before.nodes, ...newcomers] });
  const coming = await comingOf(before, newcomers, setting);
  coming.joining.notes.forEach((sentence) => observer.told?.(sentence));
  for (const recipe of new Set(coming.recipes.values())) await ensurePristine(recipe, context);
  await layData(coming, context);
  await bringIn(coming, context);
}
