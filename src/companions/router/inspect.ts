import { MachineError } from '../../errors/errors.js';
import type { ServerKind } from '../../servers/kind.js';
import { askProgram, findProgram } from '../../servers/program.js';

/** MySQL Router as a program of an image. */
export const routerProgram: ServerKind = {
  name: 'router',
  roles: ['server'],
  async inspect(machine, image) {
    const server = await findProgram(machine, image, ['mysqlrouter']);
    if (server === null) throw new MachineError(`The image ${image.ref} has no mysqlrouter.`);
    const said = await askProgram(machine, image, [server, '--version']);
    const version = readVersion(said);
    if (version === null)
      throw new MachineError(`${server} of the image ${image.ref} is none that dbns knows: ${said.trim()}`);
    return { dialect: 'router', version, programs: { server } };
  },
};

/** `MySQL Router  Ver 9.7.4-2 for Linux on x86_64 ((Debian))` → `9.7.4`; null for any other text. */
export function readVersion(said: string): string | null {
  return /^MySQL Router\s+Ver (\d+\.\d+\.\d+)/m.exec(said)?.[1] ?? null;
}
