import type { ServerBuild } from '../cluster/server.js';
import { MachineError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import type { Image } from '../images/image.js';
import { rootMounts } from '../images/root-mounts.js';
import { findImage } from '../images/store.js';
import { COMPANION_KINDS } from '../companions/registry.js';
import type { ServerKind } from '../servers/kind.js';
import { SERVER_KINDS } from '../servers/kinds.js';
import { loadServer, loadTitle, saveServer } from '../state/servers.js';
import type { NodeServer } from '../topologies/setting.js';
import { underMachineLock } from './context.js';

/**
 * The server of a kind in an image, and the tree it runs in.
 * @throws NotFoundError when the image is not here; MachineError when it has none.
 */
export async function serverOfImage(machine: Machine, ref: string, kind: ServerKind): Promise<NodeServer> {
  const image = await findImage(machine, ref);
  const build = await askServer(machine, image, kind);
  return { build, image, rootMounts: await rootMounts(machine, image) };
}

/**
 * What the server of a kind in an image says of itself, asked once.
 * @throws MachineError when the image has none.
 */
async function askServer(machine: Machine, image: Image, kind: ServerKind): Promise<ServerBuild> {
  const known = loadServer(machine, image.build, kind);
  if (known !== null) return known;
  const server = await kind.inspect(machine, image);
  await underMachineLock(machine, () => saveServer(machine, image.build, kind, server));
  return server;
}

/** Whatever dbns runs. */
const ALL_KINDS: readonly ServerKind[] = [...SERVER_KINDS, ...COMPANION_KINDS.map(({ server }) => server)];

/** The same for whatever an image has; null when it has nothing that dbns runs. */
export async function askAnyServer(machine: Machine, image: Image): Promise<ServerBuild | null> {
  for (const kind of ALL_KINDS) {
    try {
      return await askServer(machine, image, kind);
    } catch (error) {
      if (!(error instanceof MachineError)) throw error;
    }
  }
  return null;
}

/** Which server an image has, as it said when it was asked; null when it was not yet. */
export function knownServer(machine: Machine, image: Image): string | null {
  for (const kind of ALL_KINDS) {
    const known = loadTitle(machine, image.build, kind);
    if (known !== null) return known;
  }
  return null;
}
