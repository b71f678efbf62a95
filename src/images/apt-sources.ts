import { MachineError, UsageError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { signedBy } from './apt-keyring.js';

/** One index of packages that the machine's apt sources name. */
export interface AptTarget {
  /** Who made the archive, by its Release file; null when that is not on the machine. */
  readonly origin: string | null;
  readonly label: string | null;
  readonly uri: string;
  /** The suite as the source names it. */
  readonly release: string;
  /** FILE:NUMBER of the source; counts lines in a .list and paragraphs in a .sources file, from 1. */
  readonly source: string;
}

/** The Debian archive of a machine: where each of its parts is. */
interface Archive {
  readonly base: AptTarget;
  readonly updates: AptTarget | undefined;
  readonly security: AptTarget | undefined;
}

const FIELDS = ['IDENTIFIER', 'TARGET_OF', 'COMPONENT', 'ORIGIN', 'LABEL', 'REPO_URI', 'RELEASE', 'SOURCESENTRY'];
const ARCHIVE_KEYRINGS = [
  '/usr/share/keyrings/debian-archive-keyring.pgp',
  '/usr/share/keyrings/debian-archive-keyring.gpg',
];
const UNSTABLE = ['sid', 'unstable', 'experimental'];

/**
 * The lines of a sources.list for a suite of Debian, from the archive that this machine's own apt sources name, or
 * from `mirror`.
 * @throws MachineError when the machine's sources name no archive of Debian; UsageError for a mirror that is no URI.
 */
export async function aptSources(machine: Machine, suite: string, mirror?: string): Promise<readonly string[]> {
  const archiveKeyring = ARCHIVE_KEYRINGS.find((file) => machine.files.exists(file)) ?? null;
  if (mirror !== undefined) return [sourceLine(checkedMirror(mirror), suite, archiveKeyring)];
  const archive = findArchive(await askApt(machine, []), null) ?? (await findUnknownArchive(machine));
  if (archive === null) throw noArchive();
  return sourceLines(archive, suite, ({ source }) => signedBy(machine, source) ?? archiveKeyring);
}

function noArchive(): MachineError {
  return new MachineError("This machine's apt sources name no archive of Debian, which the image is made from.", {
    suggestions: ['Say where one is: --mirror URI', 'apt-get install debian-archive-keyring'],
  });
}

/** @throws UsageError */
function checkedMirror(mirror: string): string {
  if (/^(?:https?:\/\/|copy:\/)[^\s/[\]][^\s[\]]*$/.test(mirror)) return mirror.replace(/\/+$/, '');
  throw new UsageError(
    `--mirror '${mirror}' is not the URI of an archive: it begins with http://, https:// or copy:/.`,
  );
}

/** Without lists (a container's image, say) nothing tells whose archive a source is, so the suite's name has to do. */
async function findUnknownArchive(machine: Machine): Promise<Archive | null> {
  const codename = debianCodename(machine.files.read('/etc/os-release') ?? '');
  return codename === null ? null : findArchive(await askApt(machine, ['--no-release-info']), codename);
}

async function askApt(machine: Machine, options: readonly string[]): Promise<readonly AptTarget[]> {
  if (machine.which('apt-get') === null) return [];
  const format = FIELDS.map((field) => `$(${field})`).join('\t');
  const { stdout } = await machine.run(['apt-get', 'indextargets', ...options, '--format', format], {
    allowFailure: true,
  });
  return parseTargets(stdout);
}

/** Reads what `apt-get indextargets` printed; a field that it does not know stays as it was written. */
export function parseTargets(text: string): readonly AptTarget[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split('\t').map((field) => (field.startsWith('$(') ? null : field));
    const [identifier, targetOf, component, origin, label, uri, release, source] = fields;
    if (identifier !== 'Packages' || targetOf !== 'deb' || component !== 'main' || !uri || !release || !source)
      return [];
    return [{ origin: origin ?? null, label: label ?? null, uri: uri.replace(/\/+$/, ''), release, source }];
  });
}

/** Codename of the machine's own release; null when the machine is no Debian. */
export function debianCodename(osRelease: string): string | null {
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(osRelease)?.[1];
  return field('ID') === 'debian' ? (field('VERSION_CODENAME') ?? 'sid') : null;
}

/**
 * The archive among the targets: by who made it or, with `codename`, by the name of the suite, where those with a
 * path like Debian's own come first (others also have a `bookworm`).
 */
export function findArchive(targets: readonly AptTarget[], codename: string | null): Archive | null {
  const ours =
    codename === null ? targets.filter(isDebian) : targets.filter(({ origin }) => origin === null).sort(byPath);
  const bases = ours.filter(({ release }) => !/[-/]/.test(release));
  const names = ['stable', 'oldstable', 'testing', ...UNSTABLE];
  const base =
    codename === null ? bases[0] : bases.find(({ release }) => release === codename || names.includes(release));
  if (base === undefined) return null;
  const part = (suffix: RegExp) => ours.find(({ release }) => suffix.test(release));
  return { base, updates: part(/^[a-z]+-updates$/), security: part(/^[a-z]+(?:-security|\/updates)$/) };
}

function isDebian({ origin, label }: AptTarget): boolean {
  return origin === 'Debian' && (label === null || label === 'Debian' || label === 'Debian-Security');
}

function byPath(a: AptTarget, b: AptTarget): number {
  const rank = ({ uri }: AptTarget) => (/\/debian(?:-security)?(?:\/|$)/.test(uri) ? 0 : 1);
  return rank(a) - rank(b);
}

/** The suite itself and, where the machine has such for its own release, its updates and security fixes. */
export function sourceLines(
  { base, updates, security }: Archive,
  suite: string,
  keyringOf: (target: AptTarget) => string | null,
): readonly string[] {
  const line = (target: AptTarget, name: string) => sourceLine(target.uri, name, keyringOf(target));
  const rest = UNSTABLE.includes(suite) ? {} : { updates, security };
  return [
    line(base, suite),
    ...(rest.updates === undefined ? [] : [line(rest.updates, `${suite}-updates`)]),
    ...(rest.security === undefined ? [] : [line(rest.security, `${suite}-security`)]),
  ];
}

function sourceLine(uri: string, suite: string, keyring: string | null): string {
  return `deb ${keyring === null ? '' : `[signed-by=${keyring}] `}${uri} ${suite} main`;
}
