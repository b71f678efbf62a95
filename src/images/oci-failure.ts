import type { DbnsError } from '../errors/errors.js';
import { failureFrom, type Cause } from './failure.js';
import { ociText, type OciReference } from './oci-reference.js';

/** What was to be pulled, as the user said it. */
export interface OciAttempt {
  readonly ref: string;
  readonly reference: OciReference;
  readonly tlsVerify: boolean;
}

const textOf = ({ reference }: OciAttempt) => ociText(reference);
const placeOf = ({ reference }: OciAttempt) => reference.place;
const unverified = (attempt: OciAttempt) => again({ ...attempt, tlsVerify: false });

function again(attempt: OciAttempt): string {
  return `dbns image pull ${textOf(attempt)} --as ${attempt.ref}${attempt.tlsVerify ? '' : ' --tls-verify=false'}`;
}

/** The host of `HOST/NAME`; empty for a name alone, which skopeo has its own host for. */
function registryOf({ reference }: OciAttempt): string {
  const [host = '', ...name] = reference.place.split('/');
  return name.length > 0 && /[.:]|^localhost$/.test(host) ? host : '';
}

const ANOTHER_REGISTRY = ({ ref }: OciAttempt) =>
  `From a registry that has it: dbns image pull docker://REGISTRY/NAME:TAG --as ${ref}`;

/** What skopeo and umoci say, most telling first. */
const CAUSES: readonly Cause<OciAttempt>[] = [
  {
    pattern: /no space left on device/i,
    sentence: (_, { ref }) => `There is not enough space on the disk for the image ${ref}.`,
    suggestions: () => ['df -h', 'dbns image prune', 'dbns image list'],
  },
  {
    // skopeo 1.9.3 (Debian 12) says this of every archive that gzip compressed.
    pattern: /loading tar component|invalid tar header/,
    sentence: (_, attempt) => `The archive ${placeOf(attempt)} can't be read: it is broken, or compressed.`,
    suggestions: (attempt) => [`gunzip --keep ${placeOf(attempt)}`, `tar --list --file ${placeOf(attempt)}`],
  },
  {
    pattern: /server gave HTTP response to HTTPS client/,
    sentence: (_, attempt) => `The registry of ${placeOf(attempt)} speaks plain HTTP, which nobody vouches for.`,
    suggestions: (attempt) => [unverified(attempt)],
  },
  {
    pattern: /(x509: [^"]*?|tls: [^"]*?)"?$/m,
    sentence: ([, what], attempt) =>
      `The certificate of the registry of ${placeOf(attempt)} is not trusted: ${what ?? ''}.`,
    suggestions: (attempt) => [
      `Put its authority's certificate into /etc/containers/certs.d/${registryOf(attempt) || 'REGISTRY'}/ca.crt`,
      unverified(attempt),
    ],
  },
  {
    pattern:
      /(connection refused|no such host|server misbehaving|network is unreachable|no route to host|i\/o timeout|TLS handshake timeout|context deadline exceeded|connection reset by peer|unexpected EOF)/,
    sentence: ([, what], attempt) => `The registry of ${placeOf(attempt)} can't be reached: ${what ?? ''}.`,
    suggestions: (attempt) => [
      'Look whether this machine gets there, or needs HTTPS_PROXY',
      again(attempt),
      ANOTHER_REGISTRY(attempt),
    ],
  },
  {
    pattern: /toomanyrequests|429 \(?Too Many Requests/i,
    sentence: (_, attempt) => `The registry of ${placeOf(attempt)} gives no more to this address for now.`,
    suggestions: (attempt) => [login(attempt), again(attempt), ANOTHER_REGISTRY(attempt)],
  },
  {
    pattern: /unauthorized|authentication required|access to the resource is denied|403 \(?Forbidden/i,
    sentence: (_, attempt) => `The registry does not let this machine have ${placeOf(attempt)}, or has no such image.`,
    suggestions: (attempt) => [login(attempt), again(attempt)],
  },
  {
    pattern: /manifest unknown|name unknown|no descriptor found for reference|invalid status code from registry 404/i,
    sentence: (_, attempt) => `There is no image ${textOf(attempt)}.`,
    suggestions: suggestTags,
    notFound: true,
  },
  {
    pattern: /no such file or directory|not found in archive|Tag "?[^"]*"? not found/i,
    sentence: (_, attempt) => `There is no image ${textOf(attempt)}.`,
    suggestions: (attempt) => [`ls -l ${placeOf(attempt)}`],
    notFound: true,
  },
  {
    pattern: /digest did not match|does not match provided manifest digest|verifying|invalid checksum/i,
    sentence: (_, attempt) =>
      `What came is not what the digest names: ${textOf(attempt)} is broken, or was changed on its way.`,
    suggestions: (attempt) => [again(attempt), ANOTHER_REGISTRY(attempt)],
  },
  {
    pattern: /^/,
    sentence: (_, attempt) => `${textOf(attempt)} could not be made the image ${attempt.ref}.`,
    suggestions: (attempt) => [again(attempt)],
  },
];

function login(attempt: OciAttempt): string {
  return `skopeo login ${registryOf(attempt) || 'REGISTRY'}`;
}

function suggestTags({ reference, tlsVerify }: OciAttempt): readonly string[] {
  const insecure = tlsVerify ? '' : '--tls-verify=false ';
  if (reference.transport === 'docker') return [`skopeo list-tags ${insecure}docker://${reference.place}`];
  return [`cat ${reference.place}/index.json`];
}

/** The error for a skopeo or umoci that failed: one sentence from what it said, and the last of its lines. */
export function ociFailure(program: string, text: string, attempt: OciAttempt): DbnsError {
  return failureFrom({ program, text, lines: tellingLines(text) }, CAUSES, attempt);
}

/** `time="…" level=fatal msg="…"` is what was said within `msg`. */
function tellingLines(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.flatMap((line) => {
    const quoted = /^time="[^"]*" level=\w+ msg="(.*)"$/.exec(line)?.[1];
    return line === '' ? [] : [quoted?.replaceAll('\\"', '"') ?? line];
  });
}
