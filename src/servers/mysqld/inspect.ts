import { MachineError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import type { Image } from '../../images/image.js';
import type { ServerBuild } from '../../cluster/server.js';
import { askProgram, findFile, findProgram } from '../program.js';
import { DIALECTS, readVersion, type Dialect } from './dialects.js';

/**
 * Finds the mysqld of an image and asks it what it is.
 * @throws MachineError when the image has none, or one that says nothing known.
 */
export async function inspectMysqld(machine: Machine, image: Image): Promise<ServerBuild> {
  const names = [...new Set(DIALECTS.flatMap(({ programs }) => programs.server ?? []))];
  const server = await findProgram(machine, image, names);
  if (server === null) throw new MachineError(`The image ${image.ref} has neither mariadbd nor mysqld.`);
  const said = await askProgram(machine, image, [server, '--no-defaults', '--version']);
  const known = readVersion(said);
  if (known === null)
    throw new MachineError(`${server} of the image ${image.ref} is no server that dbns knows: ${said.trim()}`);
  return {
    dialect: known.dialect.name,
    version: known.version,
    programs: { ...(await programsOf(machine, image, known.dialect)), server },
  };
}

/** The library is looked for beside them. */
export const ROLES = [...new Set(['galera', ...DIALECTS.flatMap(({ programs }) => Object.keys(programs))])];

async function programsOf(machine: Machine, image: Image, dialect: Dialect): Promise<Record<string, string>> {
  const wanted = Object.entries(dialect.programs).map(
    async ([role, names]) => [role, await findProgram(machine, image, names)] as const,
  );
  const galera = await findFile(machine, image, providersOf(image, dialect));
  const found = [...(await Promise.all(wanted)), ['galera', galera] as const];
  return Object.fromEntries(found.flatMap(([role, file]) => (file === null ? [] : [[role, file]])));
}

/** Where the library may be: in a tree of its own first, as an archive has it, or packages that were unpacked there. */
function providersOf({ extraBinds }: Image, { galera }: Dialect): readonly string[] {
  const ofPackages = galera?.providers ?? [];
  const below = [
    'lib/libgalera_smm.so',
    'lib64/libgalera_smm.so',
    ...ofPackages.map((file) => file.replace('/usr/', '')),
  ];
  return [...extraBinds.flatMap((directory) => below.map((file) => `${directory}/${file}`)), ...ofPackages];
}
