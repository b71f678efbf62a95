import path from 'node:path';
import type { Node } from '../../cluster/cluster.js';
import type { Step } from '../../cluster/plan.js';
import type { ServerBuild } from '../../cluster/server.js';
import type { Machine } from '../../host/machine.js';
import { netnsEtcDirectory } from '../../network/hosts.js';
import { containerArgv, inNamespace } from '../../process/container.js';
import { etcBinds } from '../../process/etc.js';

/** What a node's server is started from. */
export interface StartedFrom {
  readonly build: ServerBuild;
  readonly rootMounts: readonly string[];
  /** The pristine directory, which has the servers' passwd and group. */
  readonly pristine: string;
  /** It is started again whenever it asks for that: by RESTART, in which a clone ends too. */
  readonly restarts?: boolean;
}

/** Starts a node's server; `words` are those of this one start, besides its my.cnf. */
export function startStep(machine: Machine, node: Node, from: StartedFrom, words: readonly string[]): Step {
  return {
    step: `start ${node.name}`,
    makes: [{ kind: 'processes', namespace: node.namespace }],
    acts: [
      {
        do: 'spawn',
        argv: mysqldArgv(machine, node, from, words),
        log: node.log,
        node: node.name,
        namespace: node.namespace,
      },
    ],
  };
}

/** A node's mysqld in its image's tree, its namespace, its own PID space, as the unprivileged user. */
export function mysqldArgv(
  machine: Machine,
  node: Node,
  from: StartedFrom,
  words: readonly string[],
): readonly string[] {
  const etc = netnsEtcDirectory(machine, node);
  const container = containerArgv(
    machine,
    {
      rootMounts: from.rootMounts,
      writable: [node.directory, path.dirname(node.socket)],
      files: { ...etcBinds(from.pristine), [`${etc}/hosts`]: '/etc/hosts', [`${etc}/resolv.conf`]: '/etc/resolv.conf' },
      hostname: node.name,
      network: 'namespace',
      user: 'server',
      environment: from.restarts === true ? MANAGED : {},
    },
    [from.build.programs.server ?? '', `--defaults-file=${node.directory}/my.cnf`, ...words],
  );
  return inNamespace(node.namespace, from.restarts === true ? restarting(container) : container);
}

/** A server whose parent has this pid believes that it is started again; here that is bubblewrap's init. */
const MANAGED = { MYSQLD_PARENT_PID: '1' };

/** By exit code 16 it asks for it, and bubblewrap passes that on. Whatever else ends it, a kill above all, is its end. */
function restarting(argv: readonly string[]): readonly string[] {
  return ['sh', '-c', 'while "$@"; code=$?; [ $code = 16 ]; do :; done; exit $code', 'sh', ...argv];
}
