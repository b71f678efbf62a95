import { MachineError } from '../../errors/errors.js';
import type { ServerKind } from '../../servers/kind.js';
import { askProgram, findProgram } from '../../servers/program.js';

/** ProxySQL as a program of an image. */
export const proxysqlProgram: ServerKind = {
  name: 'proxysql',
  roles: ['server'],
  async inspect(machine, image) {
    const server = await findProgram(machine, image, ['proxysql']);
    if (server === null) throw new MachineError(`The image ${image.ref} has no proxysql.`);
    const said = await askProgram(machine, image, [server, '--version']);
    const version = readVersion(said);
    if (version === null)
      throw new MachineError(`${server} of the image ${image.ref} is none that dbns knows: ${said.trim()}`);
    return { dialect: 'proxysql', version, programs: { server } };
  },
};

/** `ProxySQL version 2.7.1-16-g2726c27, codename Truls` → `2.7.1`; null for any other text. */
export function readVersion(said: string): string | null {
  return /^ProxySQL version v?(\d+\.\d+\.\d+)/m.exec(said)?.[1] ?? null;
}
