import path from 'node:path';
import type { Node } from '../cluster/cluster.js';
import type { Step } from '../cluster/plan.js';
import type { Machine } from '../host/machine.js';
import { netnsEtcDirectory } from '../network/hosts.js';
import { containerArgv, inNamespace } from '../process/container.js';
import { etcBinds } from '../process/etc.js';

/** What a node's server is started from. */
export interface StartedFrom {
  readonly rootMounts: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A server in its image's tree, its node's namespace, its own PID space, as the unprivileged user. */
export function serverArgv(
  machine: Machine,
  node: Node,
  { rootMounts, environment = {} }: StartedFrom,
  command: readonly string[],
): readonly string[] {
  const etc = netnsEtcDirectory(machine, node);
  return containerArgv(
    machine,
    {
      rootMounts,
      writable: [node.directory, path.dirname(node.socket)],
      files: {
        ...etcBinds(path.dirname(node.directory)),
        [`${etc}/hosts`]: '/etc/hosts',
        [`${etc}/resolv.conf`]: '/etc/resolv.conf',
      },
      hostname: node.name,
      network: 'namespace',
      user: 'server',
      environment,
    },
    command,
  );
}

/** Starts what `serverArgv` made, or something around it. `givesUp`: what it writes when it does not come up. */
export function spawnStep(node: Node, argv: readonly string[], givesUp?: RegExp): Step {
  const { name, namespace, log } = node;
  return {
    step: `start ${name}`,
    makes: [{ kind: 'processes', namespace }],
    acts: [
      {
        ...{ do: 'spawn', argv: inNamespace(namespace, argv), log, node: name, namespace },
        ...(givesUp !== undefined && { givesUp }),
      },
    ],
  };
}
