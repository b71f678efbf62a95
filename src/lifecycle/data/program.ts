import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Node } from '../../cluster/cluster.js';
import { lacks } from '../../host/lacks.js';
import type { Machine, StreamOptions, StreamResult } from '../../host/machine.js';
import { netnsEtcDirectory } from '../../network/hosts.js';
import { containerArgv, inNamespace } from '../../process/container.js';
import { CLIENT_FILE, type DataProgram } from '../../servers/kind.js';
import { clusterDirectory } from '../../state/clusters.js';
import { serverOf, type Setting } from '../../topologies/topology.js';

/** @throws MachineError for a program of the machine's that is not there, with what to install. */
export function requireProgram(machine: Machine, { at, argv: [program = ''] }: DataProgram): void {
  if (at === 'machine' && machine.which(program) === null) throw lacks(program);
}

/** Runs a program that loads or dumps between streams; the file with its password is there for as long. */
export async function runProgram(
  setting: Setting,
  node: Node,
  program: DataProgram,
  streams: StreamOptions,
): Promise<StreamResult> {
  const { machine, cluster } = setting;
  requireProgram(machine, program);
  const file = `${clusterDirectory(machine, cluster.name)}/data-${randomBytes(4).toString('hex')}`;
  const uid = program.at === 'socket' ? machine.serverUid : 0;
  try {
    await machine.files.write(file, program.file, { mode: 0o600, uid });
    return await machine.stream(argvOf(setting, node, program, file), streams);
  } finally {
    await machine.files.remove(file);
  }
}

function argvOf(setting: Setting, node: Node, { at, argv, environment }: DataProgram, file: string): readonly string[] {
  const { machine } = setting;
  if (at === 'machine') return argv.map((word) => word.replace(CLIENT_FILE, file));
  const common = {
    rootMounts: serverOf(setting, node).rootMounts,
    writable: [path.dirname(node.socket)],
    hostname: node.name,
    dieWithParent: true,
    ...(environment !== undefined && { environment }),
  };
  // What a file says is done by whoever reads it: outside of the node's network, where the first in a PID space is the server.
  if (at === 'socket') {
    return containerArgv(machine, { ...common, files: { [file]: CLIENT_FILE }, network: 'none', user: 'server' }, argv);
  }
  const hosts = { [`${netnsEtcDirectory(machine, node)}/hosts`]: '/etc/hosts' };
  const files = { ...hosts, [file]: CLIENT_FILE };
  const inside = containerArgv(machine, { ...common, files, network: 'namespace', user: 'root' }, argv);
  return inNamespace(node.namespace, inside);
}
