import type { Node } from '../cluster/cluster.js';
import type { ServerBuild } from '../cluster/server.js';
import type { Machine } from '../host/machine.js';
import type { Image } from '../images/image.js';

/** A family of servers that share their config, argv and clients: one folder beside this file. */
export interface ServerKind {
  readonly name: string;
  /** Makes a server that runs read the certificate anew that it is given; absent where it is given none. */
  readonly reloadTls?: (node: Pick<Node, 'socket' | 'server'>, timeout: number) => Promise<void>;
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

/** The image's own client. */
export interface ClientProgram {
  /** Its words before the user's; `CLIENT_FILE` among them is where `file` is seen. */
  readonly argv: readonly string[];
  /** A file for its owner alone that keeps the password out of argv. */
  readonly file: string;
  /** Files of the machine's that it reads besides. */
  readonly visible?: readonly string[];
  /** What it reads from its environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** How a program of the image's, whatever it is, is connected. */
export interface Connecting {
  /** Its words before the user's. */
  readonly words: readonly string[];
  /** A file for its owner alone, and the path at which the program sees it. */
  readonly file: string;
  readonly at: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A program that reads data on its stdin, or writes it to its stdout. */
export interface DataProgram extends ClientProgram {
  /**
   * Where it runs: in the image's tree with nothing but the node's socket, as nobody; in the image's tree in the node's
   * network; or it is one of the machine's, which may have to be installed.
   */
  readonly at: 'socket' | 'network' | 'machine';
}
