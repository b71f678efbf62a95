import type { Cluster, Node } from '../cluster/cluster.js';
import { ConflictError } from '../errors/errors.js';

const HALF: Readonly<Record<Node['phase'], { readonly is: string; readonly verb: string }>> = {
  added: { is: 'added', verb: 'start' },
  adding: { is: 'half added', verb: 'remove' },
  removing: { is: 'half removed', verb: 'remove' },
  rebuilding: { is: 'half rebuilt', verb: 'rebuild' },
};

/** The error for a node that an `add`, `remove` or `rebuild` left half way: what ends that. */
export function halfDone({ name: cluster }: Pick<Cluster, 'name'>, { name, phase }: Node): ConflictError {
  const { is, verb } = HALF[phase];
  return new ConflictError(`${name} of '${cluster}' is ${is}.`, { suggestions: [`dbns ${verb} ${cluster} ${name}`] });
}
