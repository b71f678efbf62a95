import type { Node } from '../../cluster/cluster.js';
import type { Step } from '../../cluster/plan.js';
import type { ServerBuild } from '../../cluster/server.js';
import type { Machine } from '../../host/machine.js';
import { formingAct, includeActs } from './forming.js';
import { GIVES_UP } from './log.js';
import { ownFiles } from './own-files.js';
import { serverArgv, spawnStep, type StartedFrom as AnyStartedFrom } from '../start.js';

/** What a node's mysqld is started from. */
export interface StartedFrom extends AnyStartedFrom {
  readonly build: ServerBuild;
}

/** A server whose parent has this pid believes that it is started again; here that is bubblewrap's init. */
const MANAGED = { MYSQLD_PARENT_PID: '1' };
/** By this exit code it asks for it: RESTART, in which a clone ends too. */
const RESTART = 16;

/** Starts a node's server; `forming` is what its configuration has for this start alone. */
export function startStep(machine: Machine, node: Node, from: StartedFrom, forming = ''): Step {
  const command = [from.build.programs.server ?? '', `--defaults-file=${node.directory}/my.cnf`];
  const argv = serverArgv(machine, node, { ...from, environment: MANAGED, files: ownFiles(node.options) }, command);
  const step = spawnStep(node, argv, { givesUp: GIVES_UP, restartsBy: RESTART });
  return { ...step, acts: [...includeActs(machine, node), formingAct(node, forming), ...step.acts] };
}
