import { UsageError } from '../errors/errors.js';
import type { OciSource } from './catalogue.js';
import { derivedName, isOciReference, ociText, parseOciReference } from './oci-reference.js';
import { parseReference } from './reference.js';

/** What a pull is to get. */
export interface Wanted {
  /** NAME:VERSION, which the image has or will have. */
  readonly ref: string;
  /** Where it must come from; null when the name alone was said. */
  readonly from: OciSource | null;
}

/**
 * Reads what to pull: NAME:VERSION, or the reference of an OCI image, which may be given a name.
 * @throws UsageError
 */
export function wantedImage(words: string, as?: string): Wanted {
  if (!isOciReference(words)) return { ref: named(words, as), from: null };
  const reference = parseOciReference(words);
  const ref = as ?? derivedName(reference);
  if (!isName(ref)) throw noName(words, as);
  return { ref, from: { kind: 'oci', reference: ociText(reference) } };
}

function named(ref: string, as: string | undefined): string {
  if (as === undefined || as === ref) return ref;
  throw new UsageError(`--as names what a reference (docker://…) gets; ${ref} is a name already.`);
}

function isName(ref: string): boolean {
  try {
    return parseReference(ref).kind === 'pulled';
  } catch {
    return false;
  }
}

function noName(words: string, as: string | undefined): UsageError {
  return as === undefined
    ? new UsageError(`No name for an image can be made of '${words}': say one, --as NAME:VERSION.`)
    : new UsageError(`'${as}' can't be the name of an image: write NAME:VERSION, in a-z, 0-9, '-' and '.'.`);
}
