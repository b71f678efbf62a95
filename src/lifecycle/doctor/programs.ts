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
  cp: ['--version'],
  tail: ['--version'],
  umount: ['--version'],
  mmdebstrap: ['--version'],
  skopeo: ['--version'],
  umoci: ['--version'],
};

/** Wanted by `image pull` alone: for which images. */
const FOR_PULLING: Readonly<Record<string, string>> = {
  mmdebstrap: "of Debian's packages",
  skopeo: 'from a registry',
  umoci: 'from a registry',
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
  const images = FOR_PULLING[program];
  return images === undefined
    ? problem(program, 'not on PATH', advice)
    : warning(program, `not on PATH: 'dbns image pull' needs it for images ${images}, nothing else does`, advice);
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
