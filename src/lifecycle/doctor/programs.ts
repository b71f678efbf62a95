import { packageOf } from '../../host/lacks.js';
import type { Machine } from '../../host/machine.js';
import { ok, problem, warning, type Check } from './diagnosis.js';
import type { Survey } from './survey.js';

/** The programs of the machine that dbns calls, with the words that make each tell its version. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  ip: ['-V'],
  nft: ['--version'],
  bwrap: ['--version'],
  setpriv: ['--version'],
  flock: ['--version'],
  openssl: ['version'],
  cp: ['--version'],
  tail: ['--version'],
  umount: ['--version'],
  mmdebstrap: ['--version'],
  skopeo: ['--version'],
  umoci: ['--version'],
  tcpdump: ['--version'],
  arping: ['-V'],
  ethtool: ['--version'],
  udhcpc: ['-v'],
};

/** What these are wanted for; nothing else needs them. */
const FOR_ONE_THING: Readonly<Record<string, string>> = {
  mmdebstrap: "'dbns image pull' needs it for images of Debian's packages",
  skopeo: "'dbns image pull' needs it for images from a registry",
  umoci: "'dbns image pull' needs it for images from a registry",
  tcpdump: "'dbns capture' needs it",
  arping: "'create --bridge-to' needs it",
  udhcpc: "'create --bridge-to … --ip dhcp' needs it",
  ethtool: "'create --bridge-to' needs it for a bridge of Open vSwitch in its userspace datapath",
};

/** Looks for each program, and asks it for its version. */
export async function checkPrograms({ machine }: Survey): Promise<readonly Check[]> {
  return Promise.all(Object.entries(PROGRAMS).map(([program, words]) => checkProgram(machine, program, words)));
}

async function checkProgram(machine: Machine, program: string, words: readonly string[]): Promise<Check> {
  const file = machine.which(program);
  if (file === null) return missing(program);
  const version = await versionOf(machine, [file, ...words]);
  return ok(program, version === null ? file : `${file}, version ${version}`);
}

/** The check of a program that is not there, with the command that installs it. */
export function missing(program: string): Check {
  const advice = [`apt-get install ${packageOf(program)}`];
  const purpose = FOR_ONE_THING[program];
  return purpose === undefined
    ? problem(program, 'not on PATH', advice)
    : warning(program, `not on PATH: ${purpose}, nothing else does`, advice);
}

/** Null when it does not say, as small replacements of these programs don't. */
async function versionOf(machine: Machine, argv: readonly string[]): Promise<string | null> {
  const result = await machine.run(argv, { allowFailure: true }).catch(() => null);
  return result?.exitCode === 0 ? readVersion(result.stdout) : null;
}

/** The first number with a dot: `ip utility, iproute2-6.1.0, libbpf 1.1.2` → `6.1.0`. */
export function readVersion(said: string): string | null {
  return /\d+(?:\.\d+)+/.exec(said)?.[0] ?? null;
}
