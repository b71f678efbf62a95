import path from 'node:path';
import { UsageError } from '../errors/errors.js';

/** Where an image of containers is, in parts. */
export interface OciReference {
  readonly transport: 'docker' | 'oci' | 'docker-archive';
  /** REGISTRY/NAME, or an absolute path. */
  readonly place: string;
  /** Of an archive, the image in it: NAME:TAG. */
  readonly tag: string | null;
  /** `sha256:…`, of docker alone. */
  readonly digest: string | null;
}

const TRANSPORTS = /^(docker:\/\/|oci:|docker-archive:)/;

/** As in the grammar of distribution's references; a digest is always SHA-256. */
const COMPONENT = '[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*';
const DOCKER = new RegExp(
  `^(?<place>(?:(?:[A-Za-z0-9][A-Za-z0-9.-]*|\\[[0-9a-f:]+\\])(?::\\d+)?/)?${COMPONENT}(?:/${COMPONENT})*)` +
    '(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$',
);

export function isOciReference(words: string): boolean {
  return TRANSPORTS.test(words);
}

/**
 * Reads `docker://REGISTRY/NAME:TAG`, with `@sha256:…` or without a tag too, `oci:DIR:TAG` or `docker-archive:FILE`.
 * @throws UsageError
 */
export function parseOciReference(words: string): OciReference {
  const [prefix = ''] = TRANSPORTS.exec(words) ?? [];
  const rest = words.slice(prefix.length);
  if (prefix === 'docker://') return parseDocker(words, rest);
  const colon = rest.indexOf(':');
  const [place, tag] = colon < 0 ? [rest, ''] : [rest.slice(0, colon), rest.slice(colon + 1)];
  if (prefix === '' || place === '') throw malformed(words);
  return {
    transport: prefix === 'oci:' ? 'oci' : 'docker-archive',
    place: path.resolve(place),
    tag: tag === '' ? null : tag,
    digest: null,
  };
}

function parseDocker(words: string, rest: string): OciReference {
  const { place, tag, digest } = DOCKER.exec(rest)?.groups ?? {};
  if (place === undefined) throw malformed(words);
  return { transport: 'docker', place, tag: tag ?? null, digest: digest ?? null };
}

function malformed(words: string): UsageError {
  return new UsageError(
    `'${words}' is not the reference of an image: write docker://REGISTRY/NAME:TAG, docker://REGISTRY/NAME@sha256:DIGEST (64 hexadecimal digits), oci:DIR:TAG or docker-archive:FILE.`,
  );
}

/** The reference written out: the same words for the same image, wherever they are read. */
export function ociText({ transport, place, tag, digest }: OciReference): string {
  const prefix = transport === 'docker' ? 'docker://' : `${transport}:`;
  return `${prefix}${place}${tag === null ? '' : `:${tag}`}${digest === null ? '' : `@${digest}`}`;
}

/** What skopeo is to be asked for. It takes a tag or a digest, never both, and the digest says more. */
export function skopeoName(reference: OciReference): string {
  return ociText(reference.digest === null ? reference : { ...reference, tag: null });
}

/** The name in dbns of an image that was given none: the last part of its own, and its tag. It may not be one. */
export function derivedName(reference: OciReference): string {
  const [name, version] = reference.transport === 'docker-archive' ? nameInArchive(reference) : ownName(reference);
  return `${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}:${version.toLowerCase()}`;
}

function ownName({ place, tag, digest }: OciReference): readonly [string, string] {
  return [path.basename(place), tag ?? digest?.slice('sha256:'.length, 'sha256:'.length + 12) ?? 'latest'];
}

/** An archive holds images with their names; without one its file has to do. */
function nameInArchive({ place, tag }: OciReference): readonly [string, string] {
  const [name = '', version = 'latest'] = path
    .basename(tag ?? place.replace(/\.(?:tar(?:\.\w+)?|tgz)$/, ''))
    .split(':');
  return [name, version];
}
