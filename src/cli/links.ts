import type { LinkView } from '../lifecycle/view.js';

/** One side of a link, after the name of the cluster that has it: `reaches west; is reached by west at 3306`. */
export function linkText({ cluster, way, ports, to }: Omit<LinkView, 'subnet'>): string {
  const at = ports.length === 0 ? '' : ` at ${ports.join(', ')}`;
  const whom = to === null ? 'all here' : `${to.join(', ') || 'nobody'} here`;
  const out = `hosts here reach ${cluster}`;
  const into = `hosts of ${cluster} reach ${whom}${at}`;
  return { out, in: into, both: `${out}; ${into}` }[way];
}
