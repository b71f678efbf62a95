import type { DbnsError } from '../errors/errors.js';
import { failureFrom, linesOf, noSpace, type Cause } from './failure.js';
import { ociText, type OciReference } from './oci-reference.js';

/** What was to be pulled, as the user said it. */
export interface OciAttempt {
  readonly ref: string;
  readonly reference: OciReference;
  readonly tlsVerify: boolean;
  /** Milliseconds in which an answer was to come. */
  readonly silence: number;
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

/** What skopeo says, most telling first. */
const CAUSES: readonly Cause<OciAttempt>[] = [
  noSpace(),
  {
    // skopeo 1.9.3 (Debian 12) says this of every archive that gzip compressed.
    pattern: /loading tar component|invalid tar header/,
    sentence: (_, attempt) => `The archive ${placeOf(attempt)} can't be read: it is broken, or compressed.`,
    suggestions: (attempt) => [`gunzip --keep ${placeOf(attempt)}`, `tar --list --file ${placeOf(attempt)}`],
  },
  {
    pattern: /proxyconnect tcp: (.*)$/m,
    sentence: ([, what]) => `The proxy can't be reached: ${what ?? ''}.`,
    suggestions: (attempt) => [`env | grep -i proxy`, again(attempt)],
  },
  {
    pattern: /Proxy Authentication Required/,
    sentence: () => 'The proxy wants a login.',
    suggestions: (attempt) => [`HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT ${again(attempt)}`],
  },
  {
    // To CONNECT a proxy answers in words of HTTP alone; a registry is asked and answers with a number besides.
    pattern: /: Get "https:\/\/([^/"]+)[^"]*": ([A-Z][a-z]+(?: [A-Z][a-z]+)*)$/m,
    sentence: ([, host, what]) => `The proxy does not lead to ${host ?? ''}: it answers ${what ?? ''}.`,
    suggestions: (attempt) => [`NO_PROXY=HOST, if it is reached without`, again(attempt), ANOTHER_REGISTRY(attempt)],
  },
  {
    pattern: /server gave HTTP response to HTTPS client/,
    sentence: (_, attempt) => `The registry of ${placeOf(attempt)} speaks plain HTTP, which nobody vouches for.`,
    suggestions: (attempt) => [unverified(attempt)],
  },
  {
    pattern: /(x509: .*|tls: .*)$/m,
    sentence: ([, what], attempt) =>
      `The certificate of the registry of ${placeOf(attempt)} is not trusted: ${what ?? ''}.`,
    suggestions: (attempt) => [
      `Put its authority's certificate into /etc/containers/certs.d/${registryOf(attempt) || 'REGISTRY'}/ca.crt`,
      unverified(attempt),
    ],
  },
  {
    pattern: /dial tcp: lookup (\S+?)(?: on \S+)?: (.*)$/m,
    sentence: ([, name, what]) => `The name ${name ?? ''} can't be resolved: ${what ?? ''}.`,
    suggestions: (attempt) => [
      `getent hosts ${registryOf(attempt) || 'REGISTRY'}`,
      'cat /etc/resolv.conf',
      again(attempt),
      ANOTHER_REGISTRY(attempt),
    ],
  },
  {
    pattern: /\bblob\b.*?(unexpected EOF|connection reset by peer|connection refused|i\/o timeout|no route to host)/,
    sentence: ([, what], attempt) =>
      `The registry of ${placeOf(attempt)} broke off in the middle of a layer: ${what ?? ''}.`,
    suggestions: (attempt) => [again(attempt), ANOTHER_REGISTRY(attempt)],
  },
  {
    pattern: /context deadline exceeded/,
    sentence: (_, attempt) => `The registry of ${placeOf(attempt)} gave nothing for ${attempt.silence / 1000} s.`,
    suggestions: (attempt) => [`${again(attempt)} --timeout 5m`, ANOTHER_REGISTRY(attempt)],
  },
  {
    pattern:
      /(connection refused|server misbehaving|network is unreachable|no route to host|i\/o timeout|TLS handshake timeout|connection reset by peer|unexpected EOF|: EOF)/,
    sentence: ([, what], attempt) =>
      `The registry of ${placeOf(attempt)} can't be reached: ${(what ?? '').replace(': EOF', 'it hung up')}.`,
    suggestions: (attempt) => [
      'Look whether this machine gets there, or needs HTTPS_PROXY',
      again(attempt),
      ANOTHER_REGISTRY(attempt),
    ],
  },
  {
    pattern: /(?:status code from registry|unexpected HTTP status:?) (5\d\d) ?\(?([A-Za-z ]*)/,
    sentence: ([, code, words], attempt) =>
      `The registry of ${placeOf(attempt)} is not well: it answers ${code ?? ''} ${words ?? ''}.`,
    suggestions: (attempt) => [again(attempt), ANOTHER_REGISTRY(attempt)],
  },
  {
    pattern: /(invalid character '.' looking for beginning of value|malformed HTTP response.*)$/m,
    sentence: ([, what], attempt) =>
      `What answers at ${registryOf(attempt) || placeOf(attempt)} is no registry: ${what ?? ''}.`,
    suggestions: (attempt) => [
      'Look whether the network wants a login on a page of its own',
      again(attempt),
      ANOTHER_REGISTRY(attempt),
    ],
  },
  {
    pattern: /toomanyrequests|too many requests/i,
    sentence: (_, attempt) => `The registry of ${placeOf(attempt)} gives no more to this address for now.`,
    suggestions: (attempt) => [login(attempt), again(attempt), ANOTHER_REGISTRY(attempt)],
  },
  {
    pattern: /unauthorized|authentication required|\bdenied\b|403 \(?Forbidden/i,
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
    pattern: /digest did not match|does not match provided manifest digest|verifying/i,
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

/** The error for a skopeo that failed: one sentence from what it said, and the last of its lines. */
export function skopeoFailure(text: string, attempt: OciAttempt): DbnsError {
  const lines = tellingLines(text);
  return failureFrom({ program: 'skopeo', text: lines.join('\n'), lines }, CAUSES, attempt);
}

/** `time="…" level=fatal msg="…"` is what was said within `msg`. */
function tellingLines(text: string): readonly string[] {
  return linesOf(text).map((line) => {
    const quoted = /^time="[^"]*" level=\w+ msg="(.*)"$/.exec(line)?.[1];
    return quoted?.replaceAll('\\"', '"') ?? line;
  });
}
