import path from 'node:path';
import type { Cluster } from '../../cluster/cluster.js';
import { UsageError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { loadPassword } from '../../state/clusters.js';
import type { Door } from '../../topologies/topology.js';
import { requireRoot } from '../context.js';
import { doorAt, findDoor, type DoorRequest } from '../door.js';
import { selectCluster, selectNode } from '../select.js';
import type { Heard } from './connect.js';
import { NoProgramError } from './exec.js';
import { insideArgv, seenInside, serverIn, type Around } from './inside.js';

/** Which program of a node's image, and where. */
export interface ToolCall extends Around {
  readonly cluster: string | undefined;
  readonly door: DoorRequest;
  /** The program and its words. */
  readonly words: readonly string[];
}

/** A shell in a node's tree. */
export interface ShellCall extends Around {
  readonly cluster: string;
  readonly node: string;
}

/**
 * Runs a program of a node's image, connected as the client is, on our own streams and in the working directory; answers its exit code.
 * What the node has on disk is there to be read.
 * @throws NoProgramError (127) where the image has none of that name; UsageError, NotFoundError, NotReadyError.
 */
export async function runTool(
  heard: Heard,
  { cluster: name, door: request, words, ...around }: ToolCall,
): Promise<number> {
  const { machine } = heard;
  requireRoot(machine, 'tool');
  const [program] = words;
  if (program === undefined) throw new UsageError('Which program? dbns tool CLUSTER [NODE] -- PROGRAM …');
  const cluster = await selectCluster(machine, name);
  const door = await findDoor(heard, cluster, request);
  const inTree = await treeOf(machine, cluster, door, program);
  const argv = await inTree(['/bin/sh', '-c', 'command -v -- "$1"', 'sh', program], around);
  const { exitCode, stderr } = await machine.run(argv, { allowFailure: true });
  // A tree without a shell says nothing of the program.
  if (exitCode !== 0 && stderr === '') throw new NoProgramError(program, `The image ${door.node.image}`);
  warnOfDirectory(heard, around);
  return machine.attach(await inTree(words, around), { environment: {} });
}

/** Opens a shell in a node's tree and network, in which its programs are connected; answers its exit code. */
export async function openShell(heard: Heard, { cluster: name, node, ...around }: ShellCall): Promise<number> {
  const { machine } = heard;
  requireRoot(machine, 'shell');
  const cluster = await selectCluster(machine, name);
  const door = doorAt(cluster, selectNode(cluster, node).name, undefined, 'primary');
  const inTree = await treeOf(machine, cluster, door, 'sh');
  warnOfDirectory(heard, around);
  const shell = ['/bin/sh', '-c', 'command -v bash >/dev/null && exec bash; exec sh'];
  return machine.attach(await inTree(shell, around), { environment: {} });
}

/** What makes words, of this program, the argv that runs them in a node's tree. */
async function treeOf(machine: Machine, cluster: Cluster, door: Door, program: string) {
  const { node } = door;
  const { topology, build, rootMounts } = await serverIn(machine, cluster, node);
  const connecting = topology.connecting(cluster, door, loadPassword(machine, cluster.name), program);
  const own = Object.values(build.programs).map((file) => path.dirname(file));
  const environment = { PATH: [...new Set([...own, ...PATH])].join(':'), ...connecting.environment };
  const secret = { name: 'tool', text: connecting.file, at: connecting.at };
  // A proxy has no data, and stands where no node's directory is.
  const visible = door.proxied ? [] : [node.directory];
  return ([first = '', ...words]: readonly string[], around: Around) => {
    const argv = [first, ...(first === program ? connecting.words : []), ...words];
    return insideArgv(machine, cluster, { node, rootMounts, argv, secret, visible, environment }, around);
  };
}

const PATH = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

function warnOfDirectory({ observer }: Heard, { workingDirectory }: Around): void {
  if (seenInside(workingDirectory) !== null) return;
  observer.warned?.(`The working directory ${workingDirectory ?? 'is gone, and'} is not seen inside: it runs in /.`);
}
