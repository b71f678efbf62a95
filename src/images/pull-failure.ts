import type { DbnsError } from '../errors/errors.js';
import { failureFrom, noSpace, type Cause } from './failure.js';

/** What a pull was about. */
export interface Attempt {
  readonly ref: string;
  readonly suite: string;
  /** Whether the user named the mirror. */
  readonly mirror: boolean;
}

const ANOTHER_MIRROR = 'Name another mirror: --mirror URI';
const again = ({ ref }: Attempt) => `dbns image pull ${ref}`;

/** What apt and mmdebstrap say, most telling first. */
const CAUSES: readonly Cause<Attempt>[] = [
  noSpace(),
  {
    pattern: /Release file for (\S+) is expired/,
    sentence: ([, file]) => `The mirror is a copy that is not kept up: ${file ?? 'its Release file'} has expired.`,
    suggestions: ({ ref }) => [
      `dbns image pull ${ref} --allow-expired (the packages' signatures are still checked, their age is not)`,
      ANOTHER_MIRROR,
    ],
  },
  {
    pattern: /Release file for (\S+) is not valid yet/,
    sentence: ([, file]) => `By this machine's clock ${file ?? 'the Release file'} is of the future.`,
    suggestions: (attempt) => ['Set the clock: date', again(attempt)],
  },
  {
    pattern: /public key is not available|NO_PUBKEY|EXPKEYSIG|BADSIG/,
    sentence: (_, { suite }) => `The keys on this machine do not vouch for the mirror's suite ${suite}.`,
    suggestions: (attempt) => ['apt-get install debian-archive-keyring', again(attempt)],
  },
  {
    pattern: /repository '(\S+) (\S+) Release' does not have a Release file/,
    sentence: ([, place, suite], { mirror }) =>
      `There is no suite ${suite ?? ''} at ${place ?? ''}, which ${mirror ? '--mirror names' : "the machine's apt sources name"}.`,
    suggestions: () => [ANOTHER_MIRROR],
  },
  {
    pattern:
      /Failed to fetch (\S+) {2}(Could not resolve|Could not connect|Connection (?:failed|timed out)|Unable to connect|Could not handshake)(.*)/,
    sentence: ([, place, what, rest]) => `The mirror can't be reached: ${place ?? ''}: ${what ?? ''}${rest ?? ''}.`,
    suggestions: (attempt) => ['Look whether this machine gets out: apt-get update', ANOTHER_MIRROR, again(attempt)],
  },
  {
    pattern:
      /(Clearsigned file isn't valid.*|Hash Sum mismatch|File has unexpected size.*|Error reading from server.*|unexpected end of file.*)/,
    sentence: ([, what]) => `The mirror gave something broken or cut off: ${what ?? ''}.`,
    suggestions: (attempt) => [again(attempt), ANOTHER_MIRROR],
  },
  {
    pattern: /Unable to locate package (\S+)|Package '?([^\s']+)'? has no installation candidate/,
    sentence: ([, missing, other], { suite }) =>
      `The mirror's suite ${suite} has no package ${missing ?? other ?? ''}.`,
    suggestions: () => [ANOTHER_MIRROR],
  },
  {
    pattern: /Failed to fetch (\S+) {2}(.*)/,
    sentence: ([, place, what]) => `The mirror did not give ${place ?? ''}: ${what ?? ''}.`,
    suggestions: (attempt) => [again(attempt), ANOTHER_MIRROR],
  },
  {
    pattern: /^/,
    sentence: (_, { ref }) => `mmdebstrap could not make the image ${ref}.`,
    suggestions: (attempt) => ['dbns doctor', again(attempt)],
  },
];

/** The error for a mmdebstrap that failed: one sentence from what it said, and the last of its lines. */
export function pullFailure(text: string, attempt: Attempt): DbnsError {
  return failureFrom({ program: 'mmdebstrap', text, lines: tellingLines(text) }, CAUSES, attempt);
}

/** Lines of mmdebstrap about itself, which come after those that tell. */
const ABOUT_ITSELF =
  /^(?:I: main\(\) received signal|E: mmdebstrap failed to run|E: apt(?:-get update| download) .*failed)/;

function tellingLines(said: string): readonly string[] {
  return said.split(/[\r\n]+/).filter((line) => line.trim() !== '' && !ABOUT_ITSELF.test(line));
}
