import { MachineError } from '../errors/errors.js';
import type { ServerKind } from '../servers/kind.js';
import { askProgram, findProgram } from '../servers/program.js';

/** A kind's program: what it is called in images, and how it says its version. */
export interface ProgramWords {
  /** The name of the kind. */
  readonly name: string;
  readonly program: string;
  /** The word that makes it tell its version and end. */
  readonly versionFlag: string;
  /** Null for what no such program says. */
  readonly readVersion: (said: string) => string | null;
}

/** The program of a kind of companion, to be found in an image and asked what it is. */
export function companionProgram({ name, program, versionFlag, readVersion }: ProgramWords): ServerKind {
  return {
    name,
    roles: ['server'],
    async inspect(machine, image) {
      const server = await findProgram(machine, image, [program]);
      if (server === null) throw new MachineError(`The image ${image.ref} has no ${program}.`);
      const said = await askProgram(machine, image, [server, versionFlag]);
      const version = readVersion(said);
      if (version === null)
        throw new MachineError(`${server} of the image ${image.ref} is none that dbns knows: ${said.trim()}`);
      return { dialect: name, version, programs: { server } };
    },
  };
}
