import type { ServerBuild } from '../cluster/server.js';
import type { Image } from '../images/image.js';

/** The server of a node: what it is, and the tree it runs in. */
export interface NodeServer {
  readonly build: ServerBuild;
  readonly image: Image;
  /** bubblewrap's words for the image's tree as `/`. */
  readonly rootMounts: readonly string[];
}
