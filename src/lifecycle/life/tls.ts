import type { Cluster } from '../../cluster/cluster.js';
import { ConflictError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { readCertificate, type Certificate } from '../../servers/certificates/certify.js';
import { authorityDirectory, authorityFiles, hasCertificates } from '../../servers/certificates/files.js';
import { underClusterLock } from '../cluster-lock.js';
import { requireRoot, type Context } from '../context.js';
import { certificateOf, rotateCertificates } from '../running/renew-certificates.js';
import { serversOf } from '../running/verb.js';
import { selectCluster, selectName } from '../select.js';

/** A certificate and the file that it is in; null where that is gone or damaged. */
export interface CertificateView {
  readonly file: string;
  readonly certificate: Certificate | null;
}

/** What a cluster's clients can verify its servers by. */
export interface TlsView {
  readonly cluster: string;
  readonly clients: Exclude<Cluster['tls'], null>;
  readonly ca: CertificateView;
  readonly nodes: readonly (CertificateView & { readonly node: string })[];
}

/** @throws NotFoundError; ConflictError for a cluster without certificates. */
export async function showTls(machine: Machine, name: string | undefined): Promise<TlsView> {
  return viewOf(machine, await selectCluster(machine, name));
}

/**
 * Gives all nodes new certificates; servers that run take them at once, and connections that are open go on.
 * @param ca also of a new CA
 * @throws NotFoundError; ConflictError for a cluster without certificates, or while another dbns is at work on it.
 */
export async function rotateTls(clusterName: string | undefined, ca: boolean, context: Context): Promise<TlsView> {
  const { machine } = context;
  requireRoot(machine, 'tls rotate');
  const name = await selectName(machine, clusterName);
  return underClusterLock(machine, name, { verb: 'tls rotate', again: `dbns tls rotate ${name}` }, async (cluster) => {
    assertCertificates(cluster);
    if (ca && cluster.clusterTls) assertNoneRuns(machine, cluster);
    await rotateCertificates(cluster, ca, context);
    return viewOf(machine, cluster);
  });
}

function viewOf(machine: Machine, cluster: Cluster): TlsView {
  const clients = assertCertificates(cluster);
  const view = (file: string) => ({ file, certificate: readCertificate(machine, file) });
  return {
    ...{ cluster: cluster.name, clients },
    ca: view(authorityFiles(authorityDirectory(cluster)).certificate),
    nodes: cluster.nodes.map((node) => ({ node: node.name, ...view(certificateOf(node)) })),
  };
}

/** Nodes that run verify each other by the CA that they were started with: one that comes back with another is let in by nobody. */
function assertNoneRuns(machine: Machine, { name, nodes }: Cluster): void {
  const states = serversOf(machine, nodes);
  if (nodes.every((node) => states.get(node.name)?.state !== 'running')) return;
  throw new ConflictError(`The nodes of '${name}' verify each other by their CA: it can be another when none runs.`, {
    suggestions: [`dbns stop ${name}`, `dbns tls rotate ${name} --ca`, `dbns start ${name}`],
  });
}

function assertCertificates(cluster: Cluster): TlsView['clients'] {
  if (cluster.tls !== null && hasCertificates(cluster)) return cluster.tls;
  throw new ConflictError(`The servers of '${cluster.name}' have no certificates of dbns's.`, {
    suggestions: ['Make it with --tls offered, or required.'],
  });
}
