import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import type { Subject } from '../../cluster/tls.js';

/** A certificate and its key, PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** Elliptic keys: made in a millisecond, and all servers and clients that dbns knows take them. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

const DAY = 86_400_000;
/** Longer than any test cluster lives. */
const LIFE = 3650 * DAY;

/** A CA of its own, which signs nothing but certificates of its own cluster's hosts. */
export async function makeAuthority(name: string): Promise<Pair> {
  const x509 = await library();
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...{ name: [{ CN: [name] }], keys, signingAlgorithm: ALGORITHM, ...validity() },
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: textOf(certificate), key: await keyText(keys.privateKey) };
}

/** A certificate that a CA signs, for servers and clients: nodes are both to each other. */
export async function issue(authority: Pair, { name, names, addresses }: Subject): Promise<Pair> {
  const x509 = await library();
  const issuer = new x509.X509Certificate(authority.certificate);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ subject: [{ CN: [name] }], issuer: issuer.subject, publicKey: keys.publicKey, signingAlgorithm: ALGORITHM },
    ...{ signingKey: await signingKey(authority.key), ...validity() },
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...names.map((value) => ({ type: 'dns', value }) as const),
        ...addresses.map((value) => ({ type: 'ip', value }) as const),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: textOf(certificate), key: await keyText(keys.privateKey) };
}

/** A day before now: clocks of nodes may be made wrong. */
function validity() {
  const now = Date.now();
  return { notBefore: new Date(now - DAY), notAfter: new Date(now + LIFE) };
}

async function library() {
  // Of CommonJS a bundle of modules has this name alone.
  const { default: x509 } = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto);
  return x509;
}

function signingKey(pem: string) {
  const base64 = pem.replaceAll(/-----[^-]*-----|\s/g, '');
  return webcrypto.subtle.importKey('pkcs8', Buffer.from(base64, 'base64'), ALGORITHM, false, ['sign']);
}

function textOf(certificate: { toString(format: 'pem'): string }): string {
  return `${certificate.toString('pem')}\n`;
}

async function keyText(key: webcrypto.CryptoKey): Promise<string> {
  const base64 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${base64.replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END PRIVATE KEY-----\n`;
}
