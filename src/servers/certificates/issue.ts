import type { Subject } from '../../cluster/tls.js';
import { MachineError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';

/** A certificate and its key, PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** Where a CA is. */
export type Authority = { readonly [file in keyof Pair]: string };

/**
 * Elliptic keys: made in a millisecond, and all servers and clients that dbns knows take them. Ten years are longer than any
 * test cluster lives. Neither the machine's openssl.cnf nor a file of ours: what is not said here is not in there.
 */
const REQUEST = [
  ...['openssl', 'req', '-x509', '-config', '/dev/null', '-days', '3650'],
  ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'],
];

/** A CA of its own, which signs nothing but certificates of its own cluster's hosts. */
export function makeAuthority(machine: Machine, name: string): Promise<Pair> {
  return request(machine, name, [
    'basicConstraints=critical,CA:TRUE,pathlen:0',
    'keyUsage=critical,keyCertSign,cRLSign',
  ]);
}

/**
 * A certificate that a CA signs, for servers and clients: nodes are both to each other.
 * @throws MachineError when the CA can't sign
 */
export function issue(machine: Machine, authority: Authority, { name, names, addresses }: Subject): Promise<Pair> {
  const alternatives = [...names.map((value) => `DNS:${value}`), ...addresses.map((value) => `IP:${value}`)];
  return request(
    machine,
    name,
    [
      ...['basicConstraints=CA:FALSE', 'keyUsage=critical,digitalSignature', 'extendedKeyUsage=serverAuth,clientAuth'],
      `subjectAltName=${alternatives.join(',')}`,
    ],
    ['-CA', authority.certificate, '-CAkey', authority.key],
  );
}

/** Without a file to write to, both are said: a key is never in a file that somebody else may read. */
async function request(
  machine: Machine,
  name: string,
  extensions: readonly string[],
  by: readonly string[] = [],
): Promise<Pair> {
  const added = extensions.flatMap((extension) => ['-addext', extension]);
  const argv = [...REQUEST, '-subj', `/CN=${name}`, ...by, ...added];
  // Not an error with all that it said: a key may be in it.
  const { stdout, stderr } = await machine.run(argv, { allowFailure: true });
  const [certificate, key] = ['CERTIFICATE', 'PRIVATE KEY'].map((label) => blockOf(stdout, label));
  if (certificate === undefined || key === undefined)
    throw new MachineError(`openssl makes no certificate for ${name}: ${stderr.trim()}`);
  return { certificate, key };
}

function blockOf(text: string, label: string): string | undefined {
  return new RegExp(`-----BEGIN ${label}-----\n[^-]*-----END ${label}-----\n`).exec(text)?.[0];
}
