import type { ServerBuild } from '../cluster/server.js';
import { MachineError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import type { Image } from '../images/image.js';
import { inspectMysqld } from '../servers/mysqld/inspect.js';
import { loadServer, saveServer } from '../state/servers.js';
import { underMachineLock } from './context.js';

/** What the server of an image says of itself, asked once; null when the image has none that dbns runs. */
export async function askServer(machine: Machine, image: Image): Promise<ServerBuild | null> {
  const known = loadServer(machine, image.build);
  if (known !== null) return known;
  try {
    const server = await inspectMysqld(machine, image);
    await underMachineLock(machine, () => saveServer(machine, image.build, server));
    return server;
  } catch (error) {
    if (error instanceof MachineError) return null;
    throw error;
  }
}
