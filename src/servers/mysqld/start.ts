import type { Node } from '../../cluster/cluster.js';
import type { Step } from '../../cluster/plan.js';
import type { ServerBuild } from '../../cluster/server.js';
import type { Machine } from '../../host/machine.js';
import { GIVES_UP } from './log.js';
import { serverArgv, spawnStep, type StartedFrom as AnyStartedFrom } from '../start.js';

/** What a node's mysqld is started from. */
export interface StartedFrom extends AnyStartedFrom {
  readonly build: ServerBuild;
  /** It is started again whenever it asks for that: by RESTART, in which a clone ends too. */
  readonly restarts?: boolean;
}

/** Starts a node's server; `words` are those of this one start, besides its my.cnf. */
export function startStep(machine: Machine, node: Node, from: StartedFrom, words: readonly string[]): Step {
  return spawnStep(node, mysqldArgv(machine, node, from, words), GIVES_UP);
}

function mysqldArgv(machine: Machine, node: Node, from: StartedFrom, words: readonly string[]): readonly string[] {
  const command = [from.build.programs.server ?? '', `--defaults-file=${node.directory}/my.cnf`, ...words];
  if (from.restarts !== true) return serverArgv(machine, node, from, command);
  return restarting(serverArgv(machine, node, { ...from, environment: MANAGED }, command));
}

/** A server whose parent has this pid believes that it is started again; here that is bubblewrap's init. */
const MANAGED = { MYSQLD_PARENT_PID: '1' };

/** By exit code 16 it asks for it, and bubblewrap passes that on. Whatever else ends it, a kill above all, is its end. */
function restarting(argv: readonly string[]): readonly string[] {
  return ['sh', '-c', 'while "$@"; code=$?; [ $code = 16 ]; do :; done; exit $code', 'sh', ...argv];
}
