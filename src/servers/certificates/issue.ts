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
export async function makeAuthority(machine: Machine, name: string): Promise<Pair> {
  const extensions = ['basicConstraints=critical,CA:TRUE,pathlen:0', 'keyUsage=critical,keyCertSign,cRLSign'];
  const argv = [...REQUEST, '-subj', `/CN=${name}`, ...adding(extensions)];
  const [pair] = await request(machine, argv, [{ name }]);
  if (pair === undefined) throw new Error('a request without a name');
  return pair;
}

/** Of a host's certificate: nodes are servers, and clients to each other. */
const EXTENSIONS = [
  ...['basicConstraints=CA:FALSE', 'keyUsage=critical,digitalSignature'],
  'extendedKeyUsage=serverAuth,clientAuth',
];

/**
 * Certificates in a row: starting a process takes longer than making one. Its words: the CA's two files, and for each a
 * name and the names and addresses that it holds for.
 */
const ISSUE = [
  ...['ca=$1 key=$2; shift 2', 'while [ $# -gt 0 ]; do'],
  `${[...REQUEST, ...adding(EXTENSIONS)].join(' ')} -CA "$ca" -CAkey "$key" -subj "/CN=$1" -addext "subjectAltName=$2" || exit`,
  ...['shift 2', 'done'],
].join('\n');

/**
 * Certificates that a CA signs, one for each subject, beside what else is told of that.
 * @throws MachineError when the CA can't sign
 */
export function issue<Place extends Subject>(
  machine: Machine,
  authority: Authority,
  places: readonly Place[],
): Promise<readonly (Place & Pair)[]> {
  const words = places.flatMap(({ name, names, addresses }) => [
    name,
    [...names.map((value) => `DNS:${value}`), ...addresses.map((value) => `IP:${value}`)].join(','),
  ]);
  return request(machine, ['sh', '-c', ISSUE, 'dbns', authority.certificate, authority.key, ...words], places);
}

function adding(extensions: readonly string[]): readonly string[] {
  return extensions.flatMap((extension) => ['-addext', extension]);
}

/** Without a file to write to, both are said: a key is never in a file that somebody else may read. */
async function request<Place extends { readonly name: string }>(
  machine: Machine,
  argv: readonly string[],
  places: readonly Place[],
): Promise<readonly (Place & Pair)[]> {
  // Not an error with all that it said: a key may be in it.
  const { stdout, stderr } = await machine.run(argv, { allowFailure: true });
  const [certificates, keys] = [blocksOf(stdout, 'CERTIFICATE'), blocksOf(stdout, 'PRIVATE KEY')];
  return places.map((place, position) => {
    const [certificate, key] = [certificates[position], keys[position]];
    if (certificate === undefined || key === undefined)
      throw new MachineError(`openssl makes no certificate for ${place.name}: ${stderr.trim()}`);
    return { ...place, certificate, key };
  });
}

function blocksOf(text: string, label: string): readonly string[] {
  return text.match(new RegExp(`-----BEGIN ${label}-----\n[^-]*-----END ${label}-----\n`, 'g')) ?? [];
}
