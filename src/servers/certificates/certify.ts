import { X509Certificate, createPrivateKey } from 'node:crypto';
import { plainIpv6 } from '../../cluster/family.js';
import type { Act } from '../../cluster/plan.js';
import type { Subject } from '../../cluster/tls.js';
import { MachineError } from '../../errors/errors.js';
import type { WriteOptions } from '../../host/files.js';
import type { Machine } from '../../host/machine.js';
import { authorityFiles, tlsFiles } from './files.js';
import { issue, makeAuthority, type Pair } from './issue.js';

type Certify = Extract<Act, { do: 'certify' }>;

/** Makes a CA where there is none, or certificates that it signs. A key is there first: without its certificate it is no pair. */
export async function certify(machine: Machine, { authority, to }: Certify): Promise<void> {
  if (to === null) await makeCa(machine, authority);
  else await makePairs(machine, authority, to);
}

async function makeCa(machine: Machine, directory: string): Promise<void> {
  const { certificate, key } = authorityFiles(directory);
  const pair = await makeAuthority(machine, `dbns CA ${new Date().toISOString()}`);
  await machine.files.mkdir(directory, { mode: 0o755 });
  await machine.files.replace(key, pair.key, { mode: 0o600 });
  await machine.files.replace(certificate, pair.certificate, { mode: 0o644 });
}

/** @throws MachineError when the CA is gone. */
async function makePairs(machine: Machine, directory: string, to: NonNullable<Certify['to']>): Promise<void> {
  const authority = authorityFiles(directory);
  const ca = machine.files.read(authority.certificate);
  if (ca === null) throw new MachineError(`The CA of the cluster is gone: ${directory}.`);
  const made = await issue(machine, authority, to);
  await Promise.all(made.map((pair) => layPair(machine, pair.directory, pair, ca)));
}

async function layPair(machine: Machine, directory: string, { certificate, key }: Pair, ca: string): Promise<void> {
  const files = tlsFiles(directory);
  await machine.files.mkdir(directory, { mode: 0o755 });
  await put(machine, files.key, key, { mode: 0o600, uid: machine.serverUid });
  await put(machine, files.certificate, certificate, { mode: 0o644 });
  await put(machine, files.ca, ca, { mode: 0o644 });
}

/** Whole or not at all, and on disk when the data are that are being cloned beside it: waiting for that would be waiting for all of them. */
async function put({ files }: Machine, file: string, content: string, options: WriteOptions): Promise<void> {
  await files.write(`${file}.new`, content, options);
  await files.rename(`${file}.new`, file);
}

/** What a certificate is to those who look at it. */
export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  readonly fingerprint: string;
  /** ISO 8601, UTC. */
  readonly notAfter: string;
  readonly names: readonly string[];
}

/** What a file has; null where it has none that can be read. */
export function readCertificate({ files }: Machine, file: string): Certificate | null {
  const found = parsed(files.read(file));
  if (found === null) return null;
  return {
    ...{ subject: found.subject, issuer: found.issuer, serial: found.serialNumber },
    fingerprint: found.fingerprint256,
    notAfter: new Date(found.validTo).toISOString(),
    names: namesIn(found),
  };
}

/** Whether a node has a pair that holds: of this CA, for this subject, certificate and key of one piece. */
export function isCertified(machine: Machine, authority: string, directory: string, subject: Subject): boolean {
  const files = tlsFiles(directory);
  const ca = parsed(machine.files.read(authorityFiles(authority).certificate));
  const certificate = parsed(machine.files.read(files.certificate));
  const key = machine.files.read(files.key);
  if (ca === null || certificate === null || key === null) return false;
  const names = [...subject.names, ...subject.addresses];
  return (
    certificate.verify(ca.publicKey) &&
    certificate.checkPrivateKey(createPrivateKey(key)) &&
    [...namesIn(certificate)].sort().join() === [...names].sort().join()
  );
}

function parsed(text: string | null): X509Certificate | null {
  try {
    return text === null ? null : new X509Certificate(text);
  } catch {
    return null;
  }
}

/** `DNS:node1, IP Address:10.200.0.2` → the names and addresses; one of IPv6 is told with all its zeros there. */
function namesIn({ subjectAltName = '' }: X509Certificate): readonly string[] {
  return subjectAltName.split(', ').map((word) => plainIpv6(word.replace(/^[^:]*:/, '')));
}
