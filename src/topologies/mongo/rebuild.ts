import type { Cluster, Node } from '../../cluster/cluster.js';
import { ConflictError, UsageError } from '../../errors/errors.js';
import type { Rebuild } from '../rebuild.js';
import { dataMembers, setOfNode } from './replica-set.js';

export const rebuild: Rebuild = {
  assertMay,
  accept: 'MongoDB rolls back what a member has and its set never had: rebuild it without --accept.',
};

function assertMay(cluster: Cluster, node: Node, role: string | null): void {
  const set = setOfNode(cluster, node);
  if (set !== null && !dataMembers(set).some(({ name }) => name !== node.name)) {
    throw new UsageError(`${node.name} alone has the data of ${set.name}: nobody could give them to it.`);
  }
  if (role !== 'primary') return;
  throw new ConflictError(`${node.name} is a primary: promote another first.`, {
    suggestions: [`dbns promote ${cluster.name} NODE`, `dbns rebuild ${cluster.name} ${node.name}`],
  });
}
