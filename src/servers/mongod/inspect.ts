import type { ServerBuild } from '../../cluster/server.js';
import { MachineError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import type { Image } from '../../images/image.js';
import { askProgram, findProgram } from '../program.js';

/** Role → names of its program, the better one first. */
export const PROGRAMS = {
  server: ['mongod'],
  router: ['mongos'],
  client: ['mongosh', 'mongo'],
  restore: ['mongorestore'],
  dump: ['mongodump'],
} as const;

/**
 * Finds the mongod of an image and asks it what it is.
 * @throws MachineError when the image has none, or one that says nothing known.
 */
export async function inspectMongod(machine: Machine, image: Image): Promise<ServerBuild> {
  const found = Object.entries(PROGRAMS).map(
    async ([role, names]) => [role, await findProgram(machine, image, names)] as const,
  );
  const programs = Object.fromEntries(
    (await Promise.all(found)).flatMap(([role, file]) => (file === null ? [] : [[role, file]])),
  );
  if (programs.server === undefined) throw new MachineError(`The image ${image.ref} has no mongod.`);
  const said = await askProgram(machine, image, [programs.server, '--version']);
  const version = readVersion(said);
  if (version === null) {
    throw new MachineError(`${programs.server} of the image ${image.ref} is no server that dbns knows: ${said.trim()}`);
  }
  return { dialect: 'mongodb', version, programs };
}

/** `db version v8.0.4` → `8.0.4`; null for any other text. */
export function readVersion(said: string): string | null {
  return /^db version v(\d+\.\d+\.\d+)/m.exec(said)?.[1] ?? null;
}
