import type { DebianSource } from './catalogue.js';
import { confinedArgv } from './confined.js';

export interface BootstrapSpec {
  readonly from: DebianSource;
  /** Lines of a sources.list. */
  readonly sources: readonly string[];
  /** Holds `root/`, which is filled, and `apt.conf`. Absolute, without links on the way. */
  readonly directory: string;
}

/**
 * The argv that fills `directory/root` with the packages. `extract` only unpacks them: no script of theirs runs, no
 * server is set up, nothing is mounted, and it takes less than half the time of an installation.
 */
export function bootstrapArgv({ from, sources, directory }: BootstrapSpec): readonly string[] {
  return confinedArgv(directory, [
    ...['mmdebstrap', '--mode=root', '--format=directory', '--variant=extract', '--skip=check/empty'],
    ...['--include=?essential', `--include=${from.packages.join(',')}`],
    `--aptopt=${directory}/apt.conf`,
    ...[from.suite, `${directory}/root`],
    ...sources,
  ]);
}
