import type { DryRun } from '../lifecycle/dry-run.js';

/** A plan for people: phases, steps, and what each does to the machine. */
export function dryRunText({ cluster, notes, steps }: DryRun): string {
  const head = `${cluster.name}: ${cluster.nodes.length} nodes, ${cluster.networks.map(({ subnet }) => subnet).join(', ')}. Nothing was touched.`;
  const body = steps.flatMap(({ step, acts }) => [`\n# ${step}`, ...acts.map(({ act }) => act)]);
  return [head, ...notes.map((note) => `Note: ${note}`), ...body].join('\n');
}
