import { MachineError } from '../../errors/errors.js';
import type { ServerKind } from '../../servers/kind.js';
import { askProgram, findProgram } from '../../servers/program.js';

/** HAProxy as a program of an image. */
export const haproxyProgram: ServerKind = {
  name: 'haproxy',
  roles: ['server'],
  async inspect(machine, image) {
    const server = await findProgram(machine, image, ['haproxy']);
    if (server === null) throw new MachineError(`The image ${image.ref} has no haproxy.`);
    const said = await askProgram(machine, image, [server, '-v']);
    const version = readVersion(said);
    if (version === null)
      throw new MachineError(`${server} of the image ${image.ref} is none that dbns knows: ${said.trim()}`);
    return { dialect: 'haproxy', version, programs: { server } };
  },
};

/** `HAProxy version 2.6.12-1+deb12u4 2025/…` → `2.6.12`; null for any other text. */
export function readVersion(said: string): string | null {
  return /^HA-?Proxy version (\d+\.\d+\.\d+)/m.exec(said)?.[1] ?? null;
}
