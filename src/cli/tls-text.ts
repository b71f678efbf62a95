import type { CertificateView, TlsView } from '../lifecycle/life/tls.js';
import { table } from './table.js';

const HEAD = ['of', 'until', 'fingerprint', 'names'];

/** The CA's file, by which clients verify; then the CA and each node. */
export function tlsText({ cluster, clients, ca, nodes }: TlsView): string {
  const rows = [rowOf('CA', ca), ...nodes.map((node) => rowOf(node.node, node))];
  return [`${cluster}  TLS ${clients}`, `CA: ${ca.file}`, table(HEAD, rows)].join('\n');
}

/** The first bytes of a fingerprint tell certificates apart. */
const SHOWN = 23;

function rowOf(of: string, { certificate }: CertificateView): readonly string[] {
  if (certificate === null) return [of, 'missing', '-', '-'];
  const { notAfter, fingerprint, names } = certificate;
  return [of, notAfter.slice(0, 10), fingerprint.slice(0, SHOWN), names.join(' ') || '-'];
}
