import type { Cluster, Node } from '../cluster/cluster.js';
import { NotReadyError, type DbnsError } from '../errors/errors.js';
import { fullDisk } from '../host/full-disk.js';
import type { Machine } from '../host/machine.js';
import { ServerEndedError } from '../servers/wait.js';
import { topologyNamed } from '../topologies/registry.js';

/** Whose servers did not come up, and what else is to be said. */
export interface Circumstances {
  readonly machine: Machine;
  readonly cluster: Cluster;
  /** What did not come up; the cluster when it is not said. */
  readonly what?: string;
  /** Of whom one is to blame: the one that ended, else the first. */
  readonly suspects: readonly Node[];
  /** Lines to end with. */
  readonly kept: readonly string[];
  /** What to do next. */
  readonly again: readonly string[];
}

/** Why servers did not come up: what one of them wrote, read where its meaning is known, else the errors of its log. */
export function explainByLog(
  error: NotReadyError,
  { machine, cluster, what = `The cluster '${cluster.name}'`, ...rest }: Circumstances,
): DbnsError {
  const { suspects, kept, again } = rest;
  const culprit = suspects.find(({ name }) => error instanceof ServerEndedError && error.node === name) ?? suspects[0];
  const written = culprit === undefined ? '' : (machine.files.read(culprit.log) ?? '');
  const { log } = topologyNamed(cluster.topology);
  const explained = fullDisk(written) ?? log.explain(written);
  if (explained !== null) return explained;
  return new NotReadyError(
    [
      `${what} did not come up: ${error.message}`,
      `From the log of ${culprit?.name ?? 'the server'}, errors first:`,
      ...log.tell(written).map((line) => `  ${line}`),
      ...kept,
    ].join('\n'),
    { cause: error, suggestions: again },
  );
}
