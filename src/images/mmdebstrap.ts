import type { ImageSource } from './catalogue.js';
import { parentsOf } from '../host/parents.js';

export interface BootstrapSpec {
  readonly from: ImageSource;
  /** Lines of a sources.list. */
  readonly sources: readonly string[];
  /** Holds `root/`, which is filled, and `apt.conf`. Absolute, without links on the way. */
  readonly directory: string;
}

/**
 * The argv that fills `directory/root` with the packages. `extract` only unpacks them: no script of theirs runs, no
 * server is set up, nothing is mounted, and it takes less than half the time of an installation.
 *
 * bubblewrap around it lets it write nothing but `directory`, and ends all of it with the process that started it.
 */
export function bootstrapArgv({ from, sources, directory }: BootstrapSpec): readonly string[] {
  const mmdebstrap = [
    ...['mmdebstrap', '--mode=root', '--format=directory', '--variant=extract', '--skip=check/empty'],
    ...['--include=?essential', `--include=${from.packages.join(',')}`],
    `--aptopt=${directory}/apt.conf`,
    ...[from.suite, `${directory}/root`],
    ...sources,
  ];
  return [
    ...['bwrap', '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--perms', '1777', '--tmpfs', '/tmp'],
    ...parentsOf(directory).flatMap((parent) => ['--dir', parent]),
    ...[
      '--bind',
      directory,
      directory,
      '--unshare-pid',
      '--die-with-parent',
      '--chdir',
      '/',
      '--setenv',
      'TMPDIR',
      '/tmp',
    ],
    ...mmdebstrap,
  ];
}

/** The argv that runs a program of a tree in the tree, which it may write. */
export function inTreeArgv(root: string, command: readonly string[]): readonly string[] {
  return ['bwrap', '--bind', root, '/', '--unshare-all', '--die-with-parent', '--chdir', '/', ...command];
}
