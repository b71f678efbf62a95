import type { ServerOption } from '../../cluster/cluster.js';
import type { Machine } from '../../host/machine.js';
import { containerArgv } from '../../process/container.js';
import type { NodeServer } from '../node-server.js';
import { basedirOf } from './basedir.js';
import { familyOf } from './dialects.js';
import { mysqldLog } from './log.js';
import { optionWord } from './variables.js';

/** By which a server reads its options, and ends: it touches no data. MySQL looks for the directory of its packages else. */
const READS_ALONE = {
  mysql: ['--secure-file-priv=NULL', '--validate-config'],
  mariadb: ['--help', '--verbose'],
} as const;

/**
 * What the server's own program says against options; null when nothing. Of those in `known` it may be that a plugin has them,
 * which is not loaded here: only a wrong value counts.
 */
export async function refusalOf(
  machine: Machine,
  { build, image, rootMounts }: NodeServer,
  options: readonly ServerOption[],
  known: ReadonlySet<string>,
): Promise<string | null> {
  const basedir = basedirOf(image);
  const words = options.map((option) =>
    optionWord(known.has(option.key) ? { ...option, key: `loose_${option.key}` } : option),
  );
  const argv = containerArgv(
    machine,
    {
      ...{ rootMounts, writable: [], files: {}, hostname: 'dbns', network: 'none', dieWithParent: true },
      user: 'server',
    },
    [
      ...[build.programs.server ?? '', '--no-defaults', ...(basedir === null ? [] : [`--basedir=${basedir}`])],
      ...READS_ALONE[familyOf(build)],
      ...words,
    ],
  );
  const { exitCode, stdout, stderr } = await machine.run(argv, { allowFailure: true });
  // MariaDB goes on to the end with an option of a plugin, InnoDB's among them, that it could not set.
  const understood = mysqldLog.explain(stderr);
  if (exitCode === 0 && understood === null) return null;
  return understood?.message ?? mysqldLog.tell(stderr || stdout).join('\n');
}
