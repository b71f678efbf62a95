import path from 'node:path';
import type { Cluster } from '../../cluster/cluster.js';
import { InterruptedError, LeftoverError, NotReadyError, messageOf } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { saveCluster } from '../../state/clusters.js';
import type { Context } from '../context.js';
import { explainByLog } from '../explain.js';
import { removeCluster } from '../removal/remove.js';

/** How many failed creates keep their logs. */
const KEPT = 5;

/**
 * Rolls back a `create` that failed, and answers the error to throw: the one that was, with the errors of the
 * server's log and where its copy lies; or that not everything could be removed.
 */
export async function failedCreate(
  error: unknown,
  cluster: Cluster,
  { machine, observer }: Context,
  keep: boolean,
): Promise<unknown> {
  const interrupted = error instanceof InterruptedError;
  if (keep && !interrupted) return keepForInspection(error, cluster, machine);
  const told = interrupted ? error : await withLogs(error, cluster, machine);
  observer.phaseStarted?.(TITLE);
  try {
    await removeCluster(machine, cluster);
  } catch (leftover) {
    if (!(leftover instanceof LeftoverError)) throw leftover;
    return new LeftoverError(`${messageOf(told)}\nAnd the rollback failed. ${leftover.message}`, {
      cause: told,
      suggestions: leftover.suggestions,
    });
  }
  observer.phaseDone?.(TITLE);
  return told;
}

const TITLE = 'roll back';

async function keepForInspection(error: unknown, cluster: Cluster, machine: Machine): Promise<unknown> {
  await saveCluster(machine, { ...cluster, phase: 'failed' });
  const suggestions = [`dbns status ${cluster.name}`, `dbns logs ${cluster.name}`, `dbns destroy ${cluster.name}`];
  return new NotReadyError(`${messageOf(error)}\nThe cluster '${cluster.name}' is kept as it is.`, {
    cause: error,
    suggestions,
  });
}

/** Only an error of the servers has to do with their logs. */
async function withLogs(error: unknown, cluster: Cluster, machine: Machine): Promise<unknown> {
  if (!(error instanceof NotReadyError)) return error;
  const kept = await keepLogs(machine, cluster);
  const again = 'Try again with --keep-on-failure and look at the servers.';
  return explainByLog(error, {
    machine,
    cluster,
    suspects: cluster.nodes,
    kept: [kept],
    again: ['dbns doctor', again],
  });
}

/**
 * Copies the servers' logs to where they outlive the rollback; only the last few failures are kept. Answers where they are,
 * or why they are not there (a full disk has no place for them): that must not keep anything from being rolled back.
 */
async function keepLogs(machine: Machine, cluster: Cluster): Promise<string> {
  const parent = `${machine.roots.state}/failed`;
  const directory = `${parent}/${cluster.createdAt.replace(/[:.]/g, '-')}-${cluster.name}`;
  try {
    await machine.files.mkdirAll(directory);
    for (const { name, log } of cluster.nodes) {
      if (machine.files.exists(log)) await machine.files.copyFile(log, path.join(directory, `${name}.log`));
    }
    const all = await machine.files.list(parent);
    for (const { name } of all.slice(0, -KEPT)) await machine.files.remove(path.join(parent, name));
  } catch (error) {
    await machine.files.remove(directory);
    return `The logs could not be kept: ${messageOf(error)}`;
  }
  return `All logs are kept in ${directory}.`;
}
