import type { DbnsError } from '../errors/errors.js';
import { failureFrom, linesOf, noSpace, type Cause } from './failure.js';
import { ociText, type OciReference } from './oci-reference.js';

/** What was to be unpacked. */
export interface UnpackAttempt {
  readonly ref: string;
  readonly reference: OciReference;
}

/** What umoci says. What it unpacks was copied whole, so that whatever is wrong is wrong in the image itself. */
const CAUSES: readonly Cause<UnpackAttempt>[] = [
  noSpace(),
  {
    pattern: /⨯ (?:create rootfs: )?(?:unpack layer: )?(.*)/,
    sentence: ([, what], { reference }) => `A layer of ${ociText(reference)} can't be unpacked: ${what ?? ''}.`,
    suggestions: ({ reference: { transport, place } }) =>
      transport === 'docker'
        ? [`It was pushed so: ask who made it, or take another: skopeo list-tags docker://${place}`]
        : [`It was written so: copy it anew, e.g. skopeo copy docker://REGISTRY/NAME:TAG oci:DIR:TAG`],
  },
  {
    pattern: /^/,
    sentence: (_, { reference, ref }) => `${ociText(reference)} could not be made the image ${ref}.`,
    suggestions: () => ['dbns doctor'],
  },
];

/** The error for a umoci that failed: one sentence from what it said, and the last of its lines. */
export function unpackFailure(text: string, attempt: UnpackAttempt): DbnsError {
  return failureFrom({ program: 'umoci', text, lines: linesOf(text) }, CAUSES, attempt);
}
