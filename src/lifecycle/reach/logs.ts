import { isCommand, programsOf, type Cluster } from '../../cluster/cluster.js';
import { isHostName } from '../../cluster/names.js';
import { MachineError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { topologyNamed } from '../../topologies/registry.js';
import { clusterDirectory } from '../../state/clusters.js';
import { requireRoot } from '../context.js';
import { selectCluster, selectProgram } from '../select.js';
import { lastOf, mergeByTime, openLog, type LogLine } from './log-lines.js';

/** Which lines of which logs. */
export interface LogsCall {
  readonly cluster: string | undefined;
  /** All nodes when undefined. */
  readonly node: string | undefined;
  readonly follow: boolean;
  /** The last so many of each node; all when undefined. */
  readonly lines: number | undefined;
  /** Only those that were written in the last so many ms. */
  readonly since?: number | undefined;
  /** Only those in which it is found. */
  readonly grep?: RegExp | undefined;
  /**
   * Gets each line with the node that it is of, and when it was written, ISO 8601: its own time, or that of the line before it; null
   * where none has one. Of the past the next waits for what is returned.
   */
  readonly onLine: (node: string, line: string, at: string | null) => unknown;
}

/**
 * Reads servers' logs: of all nodes in the order of time; with `follow` then as lines are written, until it is interrupted.
 * @throws UsageError, NotFoundError; MachineError for one that has no log yet.
 */
export async function readLogs(machine: Machine, call: LogsCall): Promise<void> {
  requireRoot(machine, 'logs');
  const cluster = await selectCluster(machine, call.cluster);
  const all = logsOf(cluster);
  const named = call.node === undefined ? all : [logNamed(machine, cluster, all, call.node)];
  for (const { name, log } of named)
    if (!machine.files.exists(log)) throw new MachineError(`${name} has no log yet: ${log}`);
  const form = topologyNamed(cluster.topology).log;
  const logs = await Promise.all(named.map((one) => openLog(machine, one, form, call)));
  const isMeant = filterOf(call);
  const tell = ({ name, line, time }: LogLine) =>
    call.onLine(name, line, time === null ? null : new Date(time).toISOString());
  const pasts = logs.map(({ past }) => {
    const meant = only(past(), isMeant);
    return call.lines === undefined ? meant : lastOf(meant, call.lines);
  });
  for await (const line of mergeByTime(pasts)) await tell(line);
  if (!call.follow) return;
  await Promise.all(
    logs.map(({ follow }) =>
      follow((line) => {
        if (isMeant(line)) tell(line);
      }),
    ),
  );
}

/** By `since` and `grep`. A line without a time is as old as the one before; those before any time are of the past. */
function filterOf({ since, grep }: LogsCall): (line: LogLine) => boolean {
  const from = since === undefined ? -Infinity : Date.now() - since;
  return ({ line, time }) => (time ?? -Infinity) >= from && (grep === undefined || grep.test(line));
}

async function* only<T>(lines: AsyncIterable<T>, isMeant: (line: T) => boolean): AsyncGenerator<T, void> {
  for await (const line of lines) if (isMeant(line)) yield line;
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
