import path from 'node:path';
import { UsageError } from '../errors/errors.js';
import { isOciReference } from './oci-reference.js';

/** The parts of an image's name. */
export type Reference =
  | { readonly kind: 'pulled'; readonly name: string; readonly version: string }
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'host' };

/** Both parts become names of directories: no `/`, no leading dot. */
const PULLED = /^(?<name>[a-z][a-z0-9-]{0,62}):(?<version>[a-z0-9][a-z0-9._-]{0,62})$/;

/** A server sees directories of its own there, whatever the machine has. */
const HIDDEN = /^\/(?:tmp|var\/tmp|dev|proc|sys)(?:\/|$)/;

/**
 * Reads `NAME:VERSION`, `dir:/ABSOLUTE/PATH` or `host`.
 * @throws UsageError for anything else.
 */
export function parseReference(ref: string): Reference {
  if (ref === 'host') return { kind: 'host' };
  if (ref.startsWith('dir:')) return { kind: 'directory', path: parseDirectory(ref.slice('dir:'.length)) };
  if (isOciReference(ref)) throw notYetPulled(ref);
  const { name, version } = PULLED.exec(ref)?.groups ?? {};
  if (name !== undefined && version !== undefined) return { kind: 'pulled', name, version };
  const shown = ref.length > 80 ? `${ref.slice(0, 80)}…` : ref;
  throw new UsageError(`'${shown}' is not an image: write NAME:VERSION (mariadb:10.11), dir:/ABSOLUTE/PATH or host.`);
}

function notYetPulled(reference: string): UsageError {
  return new UsageError(`'${reference}' is where an image can be pulled from, and not its name here.`, {
    suggestions: [`dbns image pull ${reference} --as NAME:VERSION`, 'Then: --image NAME:VERSION'],
  });
}

function parseDirectory(text: string): string {
  // eslint-disable-next-line no-control-regex -- what would break the lines of a configuration file
  if (!path.isAbsolute(text) || /[\x00-\x1f]/.test(text)) {
    throw new UsageError(`'dir:${text}' is not an image: the path must be absolute, like dir:/opt/mysql/8.4.3.`);
  }
  const directory = path.resolve(text);
  if (directory === '/')
    throw new UsageError("'dir:/' is not an image: the machine's own programs are the image host.");
  if (HIDDEN.test(directory)) {
    throw new UsageError(`'dir:${text}' can't be an image: servers have a ${hiddenPart(directory)} of their own.`, {
      suggestions: [`mv ${text} /opt/`],
    });
  }
  return directory;
}

function hiddenPart(directory: string): string {
  return HIDDEN.exec(directory)?.[0].replace(/\/$/, '') ?? directory;
}
