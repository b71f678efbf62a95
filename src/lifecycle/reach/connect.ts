import path from 'node:path';
import type { Machine } from '../../host/machine.js';
import { containerArgv, inNamespace } from '../../process/container.js';
import { findImage } from '../../images/store.js';
import { loadPassword, clusterDirectory } from '../../state/clusters.js';
import { CLIENT_FILE } from '../../servers/kind.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Connection } from '../../topologies/topology.js';
import { netnsEtcDirectory } from '../../network/hosts.js';
import { requireRoot } from '../context.js';
import { resolveServer } from '../resolve.js';
import { assertNamespace, selectCluster, selectNode } from '../select.js';

export type { Connection };

/** How to reach a cluster, or a node of it when one is named, as the account `dbns`. The one place that gives the password. */
export async function connectionTo(machine: Machine, clusterName?: string, nodeName?: string): Promise<Connection> {
  requireRoot(machine, 'uri');
  const cluster = await selectCluster(machine, clusterName);
  const door = { node: selectNode(cluster, nodeName), named: nodeName !== undefined };
  return topologyNamed(cluster.topology).connection(cluster, door, loadPassword(machine, cluster.name));
}

/** Which client to open, where, with what words, and from which directory of the user's. */
export interface ClientCall {
  readonly cluster: string | undefined;
  readonly node: string | undefined;
  readonly words: readonly string[];
  readonly workingDirectory: string;
}

/**
 * Opens the image's own client on a node, on our own streams, with no password to type; answers its exit code. The
 * working directory is there inside, so that files can be read and written.
 */
export async function openClient(machine: Machine, call: ClientCall): Promise<number> {
  requireRoot(machine, 'client');
  const cluster = await selectCluster(machine, call.cluster);
  const node = selectNode(cluster, call.node);
  assertNamespace(machine, node);
  const topology = topologyNamed(cluster.topology);
  const { build, rootMounts } = await resolveServer(machine, topology, await findImage(machine, node.image));
  const door = { node, named: call.node !== undefined };
  const client = topology.client(cluster, door, build, loadPassword(machine, cluster.name));
  const file = `${clusterDirectory(machine, cluster.name)}/client-${node.name}`;
  await machine.files.write(file, client.file, { mode: 0o600 });
  const etc = netnsEtcDirectory(machine, node);
  const argv = containerArgv(
    machine,
    {
      rootMounts,
      writable: [path.dirname(node.socket), ...visible(call.workingDirectory)],
      files: { [`${etc}/hosts`]: '/etc/hosts', [file]: CLIENT_FILE },
      hostname: node.name,
      network: 'namespace',
      user: 'root',
      dieWithParent: true,
      ...(visible(call.workingDirectory).length > 0 && { chdir: call.workingDirectory }),
    },
    [...client.argv, ...call.words],
  );
  return machine.attach(inNamespace(node.namespace, argv));
}

/** Directories of the user's that don't hide the image's own. */
function visible(directory: string): readonly string[] {
  return /^\/(?:home|root|srv|mnt|media|work|opt|tmp|var\/tmp)(?:\/|$)/.test(directory) ? [directory] : [];
}
