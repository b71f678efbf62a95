import path from 'node:path';
import type { Cluster, Node } from '../../cluster/cluster.js';

/** Where a server finds its own certificate and key, and that of the CA; paths are the same on the machine and inside. */
export interface TlsFiles {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** Whether servers have certificates of the cluster's CA. */
export function hasCertificates({ tls }: Pick<Cluster, 'tls'>): boolean {
  return tls !== null && tls !== 'none';
}

/** Where the CA of a cluster is: `ca.pem`, which everybody may read, and its key, for root. */
export function authorityDirectory({ nodes }: Pick<Cluster, 'nodes'>): string {
  const [first] = nodes;
  if (first === undefined) throw new Error('a cluster without nodes');
  return `${path.dirname(first.directory)}/tls`;
}

/** What the CA's directory has. */
export function authorityFiles(directory: string): { readonly certificate: string; readonly key: string } {
  return { certificate: `${directory}/ca.pem`, key: `${directory}/ca-key.pem` };
}

/** Beside a node's data, which a state transfer replaces. */
export function tlsDirectory({ directory }: Pick<Node, 'directory'>): string {
  return `${directory}/tls`;
}

/** By what a node proves itself to others, and verifies them; null where nodes talk in plain. */
export function peerTls({ clusterTls }: Pick<Cluster, 'clusterTls'>, node: Pick<Node, 'directory'>): TlsFiles | null {
  return clusterTls ? tlsFiles(tlsDirectory(node)) : null;
}

/** What is in there, by the names that MySQL's own have. */
export function tlsFiles(directory: string): TlsFiles {
  return {
    ca: `${directory}/ca.pem`,
    certificate: `${directory}/server-cert.pem`,
    key: `${directory}/server-key.pem`,
  };
}
