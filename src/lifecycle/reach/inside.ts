import path from 'node:path';
import type { Cluster, Node } from '../../cluster/cluster.js';
import type { Machine } from '../../host/machine.js';
import { findImage } from '../../images/store.js';
import { netnsEtcDirectory } from '../../network/hosts.js';
import { containerArgv, inNamespace } from '../../process/container.js';
import { clusterDirectory } from '../../state/clusters.js';
import { topologyNamed } from '../../topologies/registry.js';
import { resolveServer } from '../resolve.js';
import { assertNamespace } from '../select.js';
import { forShow } from './for-show.js';

/** What is around the user. */
export interface Around {
  /** Null when the directory is gone. */
  readonly workingDirectory: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What runs in a node's tree, as root, and by which file it is connected. */
export interface Inside {
  readonly node: Node;
  readonly rootMounts: readonly string[];
  readonly argv: readonly string[];
  /** What has the password, for its owner alone: its name among the cluster's own files, and where it is seen. */
  readonly secret: { readonly name: string; readonly text: string; readonly at: string };
  /** What else is seen, and can't be written: the same path inside. */
  readonly visible?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The server of a node that stands, and what its tree has mounted.
 * @throws NotFoundError where its namespace, or its image, is gone.
 */
export async function serverIn(machine: Machine, cluster: Cluster, node: Node) {
  assertNamespace(machine, node);
  const topology = topologyNamed(cluster.topology);
  const server = await resolveServer(machine, topology, await findImage(machine, node.image));
  return { topology, build: server.build, rootMounts: server.rootMounts };
}

/** The argv for a program in a node's tree and network. The working directory is there inside, so that files can be read and written. */
export async function insideArgv(
  machine: Machine,
  cluster: Cluster,
  { node, rootMounts, argv, secret, visible = [], environment }: Inside,
  around: Around,
): Promise<readonly string[]> {
  const file = `${clusterDirectory(machine, cluster.name)}/${secret.name}-${node.name}`;
  await machine.files.write(file, secret.text, { mode: 0o600 });
  const directory = seenInside(around.workingDirectory);
  const seen = Object.fromEntries(visible.map((one) => [one, one]));
  return inNamespace(
    node.namespace,
    containerArgv(
      machine,
      {
        rootMounts,
        writable: [path.dirname(node.socket), ...(directory === null ? [] : [directory])],
        files: { ...seen, [`${netnsEtcDirectory(machine, node)}/hosts`]: '/etc/hosts', [file]: secret.at },
        hostname: node.name,
        network: 'namespace',
        user: 'root',
        dieWithParent: true,
        ...(directory !== null && { chdir: directory }),
        environment: { ...forShow(around.environment), ...environment },
      },
      argv,
    ),
  );
}

/** A directory of the user's that doesn't hide the image's own; else null. */
export function seenInside(directory: string | null): string | null {
  return directory !== null && /^\/(?:home|root|srv|mnt|media|work|opt|tmp|var\/tmp)(?:\/|$)/.test(directory)
    ? directory
    : null;
}
