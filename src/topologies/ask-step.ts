import type { Node } from '../cluster/cluster.js';
import type { Ask, Step } from '../cluster/plan.js';

/** A step that asks one node something over its socket. */
export function askStep(step: string, { name }: Pick<Node, 'name'>, what: string, ask: Ask): Step {
  return { step, acts: [{ do: 'ask', what: `${name} over its socket: ${what}`, ask }] };
}
