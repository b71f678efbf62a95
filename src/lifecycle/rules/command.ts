import { setTimeout as sleep } from 'node:timers/promises';
import type { Attached, Cluster, Origin } from '../../cluster/cluster.js';
import { NotFoundError, NotReadyError } from '../../errors/errors.js';
import type { Machine, Surroundings } from '../../host/machine.js';
import { inNamespace, withCaller, type Caller } from '../../process/container.js';
import { exitOf } from '../../servers/exit.js';
import { watchedArgv } from '../../servers/start.js';
import { clusterDirectory } from '../../state/clusters.js';
import { isThere } from '../attached.js';
import { accountOf } from '../caller.js';
import type { Context } from '../context.js';

/** A program to be started, and by whom. */
export interface CommandCall {
  readonly argv: readonly [string, ...string[]];
  /** Where and with what the call was made. */
  readonly surroundings: Surroundings;
  /** Who called by sudo; root when null. */
  readonly caller: Caller | null;
}

/** @throws NotFoundError when there is no such program. */
export function commandOrigin(machine: Machine, cluster: Cluster, name: string, { argv }: CommandCall): Origin {
  const [program] = argv;
  if (!program.includes('/') && machine.which(program) === null)
    throw new NotFoundError(`The machine has no program '${program}' on its PATH.`);
  const directory = `${clusterDirectory(machine, cluster.name)}/${name}`;
  return { kind: 'command', command: argv, directory, log: `${directory}/server.log` };
}

/** ms in which a program that can't do anything has ended. */
const MOMENT = 500;

/**
 * Starts a program in its namespace and a PID space of its own, by which it is found again, as the caller.
 * @throws NotReadyError with the end of its log when it ends at once.
 */
export async function runCommand(
  host: Attached,
  { argv, surroundings, caller }: CommandCall,
  { machine, signal }: Context,
): Promise<void> {
  const { origin, namespace, name } = host;
  if (origin.kind !== 'command') return;
  const { directory, log } = origin;
  await machine.files.remove(directory); // of one of this name that has ended
  await machine.files.mkdir(directory, { mode: 0o755 });
  const watched = watchedArgv({ directory }, withCaller(argv, surroundings.directory, caller));
  const environment =
    caller === null ? surroundings.environment : { ...surroundings.environment, ...accountOf(machine, caller) };
  await machine.spawn(inNamespace(namespace, watched), log, namespace, { ...surroundings, environment });
  const end = Date.now() + MOMENT;
  while (Date.now() < end) {
    signal.throwIfAborted();
    if (exitOf(machine, { directory }) !== null) break;
    await sleep(20);
  }
  if (isThere(machine, host)) return;
  const exit = exitOf(machine, { directory });
  const how = exit === null ? '' : ` with ${exit.signal ?? `exit code ${exit.code}`}`;
  const said = (machine.files.read(log) ?? '').trimEnd().split('\n').slice(-10);
  throw new NotReadyError([`${name} ended at once${how}.`, ...said.map((line) => `  ${line}`)].join('\n').trimEnd());
}
