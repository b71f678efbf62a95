import type { Cluster, Node } from '../../cluster/cluster.js';
import { tlsDirectory, tlsFiles } from '../../servers/certificates/files.js';
import { topologyNamed } from '../../topologies/registry.js';
import { applyPlan } from '../apply.js';
import { authorityStep, nodesPlan, uncertified } from '../certificates.js';
import type { Context } from '../context.js';
import { underRulesLock } from '../ground/rules-lock.js';
import { serversOf } from './verb.js';

/** ms that a server may take to read a certificate anew. */
const RELOAD_PATIENCE = 5000;

/** Gives those nodes a new certificate whose present one is gone, or lacks a name by which they are reached now. */
export async function renewCertificates(cluster: Cluster, context: Context): Promise<readonly Node[]> {
  const { machine } = context;
  if (uncertified(machine, cluster).length === 0) return [];
  return underRulesLock(machine, cluster.name, () => certifyAnew(cluster, uncertified(machine, cluster), context));
}

/** A new certificate for every node; with `ca` by a new CA, after which nobody is verified by the old one. */
export async function rotateCertificates(cluster: Cluster, ca: boolean, context: Context): Promise<readonly Node[]> {
  return underRulesLock(context.machine, cluster.name, async () => {
    if (ca) await applyPlan(authorityStep(cluster), { ...context, deadline: Infinity });
    return certifyAnew(cluster, cluster.nodes, context);
  });
}

/** The servers that run read theirs at once; the others when they start. */
async function certifyAnew(cluster: Cluster, nodes: readonly Node[], context: Context): Promise<readonly Node[]> {
  const { machine } = context;
  const { kind } = topologyNamed(cluster.topology);
  await applyPlan(nodesPlan(machine, cluster, nodes), { ...context, deadline: Infinity });
  const states = serversOf(machine, nodes);
  const running = nodes.filter(({ name }) => states.get(name)?.state === 'running');
  const reload = async (node: Node) =>
    kind.reloadTls?.({ ...node, socket: machine.reach(node.socket) }, RELOAD_PATIENCE);
  await Promise.all(running.map(reload));
  return nodes;
}

/** Where a node's certificate is. */
export function certificateOf(node: Node): string {
  return tlsFiles(tlsDirectory(node)).certificate;
}
