import type { Made, Node } from '../cluster/cluster.js';

/**
 * Nodes in the roles that they begin anew with, where servers elect: in each part of a cluster whoever was its primary when it
 * was made; where that one is gone, whoever is now. Whoever was elected meanwhile is a secondary.
 */
export function inRolesOf({ roles }: Made, nodes: readonly Node[]): readonly Node[] {
  const wasPrimary = ({ name }: Node) => roles[name] === 'primary';
  const isPrimary = ({ role }: Node) => role === 'primary';
  return nodes.map((node) => {
    const part = nodes.filter(({ group }) => group === node.group);
    const leads = part.some(wasPrimary) ? wasPrimary : isPrimary;
    if (leads(node)) return { ...node, role: 'primary' };
    return isPrimary(node) ? { ...node, role: 'secondary' } : node;
  });
}
