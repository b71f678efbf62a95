import { MachineError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import type { Image } from '../../images/image.js';
import type { ServerBuild } from '../../cluster/server.js';
import { askProgram, findProgram } from '../program.js';
import { DIALECTS, readVersion, type Dialect } from './dialects.js';

/**
 * Finds the mysqld of an image and asks it what it is.
 * @throws MachineError when the image has none, or one that says nothing known.
 */
export async function inspectMysqld(machine: Machine, image: Image): Promise<ServerBuild> {
  const server = findProgram(machine, image, [...new Set(DIALECTS.flatMap(({ programs }) => programs.server ?? []))]);
  if (server === null) throw new MachineError(`The image ${image.ref} has neither mariadbd nor mysqld.`);
  const said = await askProgram(machine, image, [server, '--no-defaults', '--version']);
  const known = readVersion(said);
  if (known === null)
    throw new MachineError(`${server} of the image ${image.ref} is no server that dbns knows: ${said.trim()}`);
  return {
    dialect: known.dialect.name,
    version: known.version,
    programs: { ...programsOf(machine, image, known.dialect), server },
  };
}

function programsOf(machine: Machine, image: Image, dialect: Dialect): Record<string, string> {
  const found = Object.entries(dialect.programs).map(
    ([role, names]) => [role, findProgram(machine, image, names)] as const,
  );
  const galera = dialect.galera?.providers.find((file) => machine.files.exists(`${image.root}${file}`)) ?? null;
  const own = image.extraBinds
    .flatMap((directory) => [`${directory}/lib/libgalera_smm.so`, `${directory}/lib64/libgalera_smm.so`])
    .find((file) => machine.files.exists(file));
  return Object.fromEntries(
    [...found, ['galera', own ?? galera] as const].flatMap(([role, file]) => (file === null ? [] : [[role, file]])),
  );
}
