import type { ClusterSpec, Node } from '../../cluster/cluster.js';
import type { Ask, Plan, Step } from '../../cluster/plan.js';
import type { Machine } from '../../host/machine.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Setting } from '../../topologies/topology.js';
import type { Context } from '../context.js';
import { feed } from './feed.js';
import { requireProgram } from './program.js';
import { sourcesOf, type Source } from './source.js';
import { writerOf } from './writer.js';

/** What a cluster is filled with when it is made. */
export interface Filling {
  /** A small shop. */
  readonly sample: boolean;
  /** Loaded after it, one after another. */
  readonly sources: readonly Source[];
}

/** @throws UsageError, MachineError for files that are not there, or can't be read. */
export function fillingOf(machine: Machine, { sample, init }: Pick<ClusterSpec, 'sample' | 'init'>): Filling {
  return { sample: sample ?? false, sources: sourcesOf(machine, init ?? []) };
}

/** A plan that fills a cluster, and at which node it does so, known when it was carried out. */
export interface Fill {
  readonly plan: Plan;
  readonly at: () => Promise<Node>;
}

/** Fills a cluster that stands. Whatever is refused is the end of it. */
export function fillPlan(setting: Setting, { sample, sources }: Filling, context: Context): Fill {
  const { cluster } = setting;
  const { data } = topologyNamed(cluster.topology);
  let node: Promise<Node> | undefined;
  const at = () => (node ??= writerOf(context, cluster));
  const step = (title: string, what: string, ask: Ask): Step => ({
    step: title,
    acts: [{ do: 'ask', what: `a node that takes writes: ${what}`, ask }],
  });
  const sampleStep = step('fill the sample', 'the database shop, and its rows', async (ask) => {
    await data.sample(setting, await at(), ask);
  });
  const loadStep = (source: Source) =>
    step(`load ${source.name}`, source.name, async () => {
      await feed(source, { setting, node: await at(), database: null, stays: false }, context);
    });
  const steps = [...(sample ? [sampleStep] : []), ...sources.map(loadStep)];
  return { plan: { title: `load ${cluster.init.join(', ')}`, sequence: steps }, at };
}

/** @throws UsageError, MachineError for what the cluster's loaders do not take, or lack. */
export function assertLoadable(setting: Setting, { sources }: Filling): void {
  const { data } = topologyNamed(setting.cluster.topology);
  const [node] = setting.cluster.nodes;
  if (node === undefined) return;
  for (const { directory } of sources) {
    requireProgram(setting.machine, data.loader(setting, node, { directory, database: null }));
  }
}
