import type { ClusterNetworks, NetworkReport } from '../../../src/lifecycle/network/view.js';
import { dbns } from './machine.js';

/** What `dbns network CLUSTER --json` says of the cluster's one network. */
export async function lookAt(cluster: string): Promise<NetworkReport> {
  return networkIn((await dbns(['network', cluster, '--json'])).json);
}

/** The same, of what it said. */
export function networkIn(json: unknown): NetworkReport {
  const [network] = (json as { clusters: readonly ClusterNetworks[] }).clusters[0]?.networks ?? [];
  if (network === undefined) throw new Error('no network');
  return network;
}

/** What is amiss, and what is not joined. */
export async function faultsOf(cluster: string): Promise<readonly string[]> {
  return faultsIn(await lookAt(cluster));
}

export function faultsIn({ amiss, endpoints }: NetworkReport): readonly string[] {
  return [...amiss, ...endpoints.flatMap((each) => [...each.amiss, ...(each.joined ? [] : [`${each.node} is apart`])])];
}
