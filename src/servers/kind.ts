import type { ServerBuild } from '../cluster/server.js';
import type { Machine } from '../host/machine.js';
import type { Image } from '../images/image.js';

/** A family of servers that share their config, argv and clients: one folder beside this file. */
export interface ServerKind {
  readonly name: string;
  /** The roles of the programs that it looks for: what was found earlier by fewer is looked for anew. */
  readonly roles: readonly string[];
  /**
   * Finds such a server in an image and asks it what it is.
   * @throws MachineError when the image has none, or one that says nothing known.
   */
  readonly inspect: (machine: Machine, image: Image) => Promise<ServerBuild>;
}

/** Where a client inside an image sees the file that has its password. */
export const CLIENT_FILE = '/run/dbns-client';
