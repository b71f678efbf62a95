import type { Writable } from 'node:stream';
import { NotFoundError, NotReadyError } from '../../errors/errors.js';
import type { OwnFile } from '../../host/machine.js';
import { topologyNamed } from '../../topologies/registry.js';
import { requireRoot, type Context } from '../context.js';
import { namingFaults } from '../ground/name-faults.js';
import { selectCluster } from '../select.js';
import { settingOf } from '../setting.js';
import { packing, packingFor } from './packing.js';
import { requireProgram, runProgram } from './program.js';
import { readerOf } from './reader.js';

export interface DumpRequest {
  readonly cluster?: string | undefined;
  /** One that has all data when absent. */
  readonly node?: string | undefined;
  /** All that users made when empty. */
  readonly databases: readonly string[];
  /** A file that is there whole or not at all, packed as its name says; or a stream, which is left open. */
  readonly to: OwnFile | Writable;
}

/** What a `dump` wrote. */
export interface DumpView {
  readonly cluster: string;
  /** Of which node. */
  readonly node: string;
  readonly databases: readonly string[];
  /** Null where it went to a stream. */
  readonly file: string | null;
}

/**
 * Dumps databases as of one moment, in a form that `load` takes.
 * @throws UsageError for a file that can't be written; NotFoundError for a database that is not there; NotReadyError;
 *   MachineError; InterruptedError.
 */
export async function dump(request: DumpRequest, context: Context): Promise<DumpView> {
  const { machine, observer, signal } = context;
  const { to } = request;
  requireRoot(machine, 'dump');
  const cluster = await selectCluster(machine, request.cluster);
  const setting = await settingOf(machine, cluster);
  return namingFaults(machine, cluster.name, async () => {
    const node = await readerOf(setting, request.node, context);
    const { data } = topologyNamed(cluster.topology);
    const there = await data.databases(setting, node);
    const databases = chosen(cluster.name, there, request.databases);
    const program = data.dumper(setting, node, databases, request.databases.length === 0);
    requireProgram(machine, program);
    const write = async (output: Writable) => {
      const { exitCode, stderr } = await runProgram(setting, node, program, { output, signal });
      if (exitCode !== 0) throw new NotReadyError(`${node.name} was not dumped: ${stderr.trim()}`);
    };
    const title = `dump ${databases.join(', ')} of ${node.name}`;
    observer.phaseStarted?.(title);
    if ('path' in to)
      await machine.files.writeOwn(to, (output) => packing(machine, packingFor(to.path), output, write));
    else await write(to);
    observer.phaseDone?.(title);
    return { cluster: cluster.name, node: node.name, databases, file: 'path' in to ? to.path : null };
  });
}

function chosen(cluster: string, there: readonly string[], wanted: readonly string[]): readonly string[] {
  const known = there.length === 0 ? 'There is none but the servers’ own.' : `There are: ${there.join(', ')}.`;
  const missing = wanted.find((name) => !there.includes(name));
  if (missing !== undefined) throw new NotFoundError(`The cluster '${cluster}' has no database '${missing}'. ${known}`);
  if (there.length === 0) throw new NotFoundError(`The cluster '${cluster}' has nothing to dump. ${known}`);
  return wanted.length === 0 ? there : wanted;
}
