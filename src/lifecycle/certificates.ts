import type { Cluster, Node } from '../cluster/cluster.js';
import type { Plan, Step } from '../cluster/plan.js';
import type { Exposure } from '../cluster/rules.js';
import type { Machine } from '../host/machine.js';
import { isCertified } from '../servers/certificates/certify.js';
import { authorityDirectory, hasCertificates, tlsDirectory } from '../servers/certificates/files.js';
import { nodeSubject } from '../servers/certificates/subject.js';
import { loadRules } from '../state/rules.js';

/** A cluster's CA, and a certificate for each node. */
export function certificatesPlan(machine: Machine, cluster: Cluster): Plan {
  if (!hasCertificates(cluster)) return { parallel: [] };
  return { sequence: [authorityStep(cluster), nodesPlan(machine, cluster, cluster.nodes)] };
}

/** A certificate for each of these nodes. */
export function nodesPlan(machine: Machine, cluster: Cluster, nodes: readonly Node[]): Plan {
  if (!hasCertificates(cluster) || nodes.length === 0) return { parallel: [] };
  const { exposures } = loadRules(machine, cluster.name);
  return nodesStep(cluster, exposures, nodes);
}

/** Those whose certificate is gone, damaged, or does not say all that they are reached by now. */
export function uncertified(machine: Machine, cluster: Cluster): readonly Node[] {
  if (!hasCertificates(cluster)) return [];
  const { exposures } = loadRules(machine, cluster.name);
  const authority = authorityDirectory(cluster);
  return cluster.nodes.filter(
    (node) => !isCertified(machine, authority, tlsDirectory(node), nodeSubject(cluster, exposures, node)),
  );
}

export function authorityStep(cluster: Cluster): Step {
  return {
    step: `make the CA of ${cluster.name}`,
    acts: [{ do: 'certify', authority: authorityDirectory(cluster), to: null }],
  };
}

function nodesStep(cluster: Cluster, exposures: readonly Exposure[], nodes: readonly Node[]): Step {
  const to = nodes.map((node) => ({ directory: tlsDirectory(node), ...nodeSubject(cluster, exposures, node) }));
  return {
    step: `make the certificates of ${nodes.map(({ name }) => name).join(', ')}`,
    acts: [
      ...nodes.map(({ directory }) => ({ do: 'mkdir', path: directory, mode: 0o755, owner: 'root' }) as const),
      { do: 'certify', authority: authorityDirectory(cluster), to },
    ],
  };
}
