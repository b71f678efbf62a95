import { isCommand, programsOf, type Cluster } from '../../cluster/cluster.js';
import { isHostName } from '../../cluster/names.js';
import { MachineError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { clusterDirectory } from '../../state/clusters.js';
import { requireRoot } from '../context.js';
import { selectCluster, selectProgram } from '../select.js';

/** Which lines of which logs. */
export interface LogsCall {
  readonly cluster: string | undefined;
  /** All nodes when undefined. */
  readonly node: string | undefined;
  readonly follow: boolean;
  /** The last so many of each node; all when undefined. */
  readonly lines: number | undefined;
  /** Gets each line, with the node that it is of. */
  readonly onLine: (node: string, line: string) => void;
}

/** Reads servers' logs; with `follow`, until it is interrupted. */
export async function readLogs(machine: Machine, call: LogsCall): Promise<void> {
  requireRoot(machine, 'logs');
  const cluster = await selectCluster(machine, call.cluster);
  const all = logsOf(cluster);
  const nodes = call.node === undefined ? all : [logNamed(machine, cluster, all, call.node)];
  const from = call.lines === undefined ? '+1' : String(call.lines);
  const tail = (log: string) => ['tail', '--lines', from, ...(call.follow ? ['--follow=name', '--retry'] : []), log];
  // Logs that end come one after another; logs that are followed come as their lines do.
  const read = async ({ name, log }: Log) => {
    if (!machine.files.exists(log)) throw new MachineError(`${name} has no log yet: ${log}`);
    return machine.attach(tail(log), {
      onLine: (line) => {
        call.onLine(name, line);
      },
    });
  };
  if (call.follow) await Promise.all(nodes.map(read));
  else for (const node of nodes) await read(node);
}

interface Log {
  readonly name: string;
  readonly log: string;
}

/** Of all that dbns has started. */
function logsOf(cluster: Cluster): readonly Log[] {
  const commands = cluster.attached.filter(isCommand).map(({ name, origin: { log } }) => ({ name, log }));
  return [...programsOf(cluster), ...commands];
}

/** That of a program that was attached, and has ended, is there until it is detached. */
function logNamed(machine: Machine, cluster: Cluster, all: readonly Log[], name: string): Log {
  const log = `${clusterDirectory(machine, cluster.name)}/${name}/server.log`;
  const found = all.find((one) => one.name === name);
  if (found === undefined && isHostName(name) && machine.files.exists(log)) return { name, log };
  return found ?? selectProgram(cluster, name);
}
