import path from 'node:path';
import type { Program } from '../cluster/cluster.js';
import type { Step } from '../cluster/plan.js';
import type { Machine } from '../host/machine.js';
import { netnsEtcDirectory } from '../network/hosts.js';
import { containerArgv, inNamespace } from '../process/container.js';
import { etcBinds } from '../process/etc.js';

/** What a node's server is started from. */
export interface StartedFrom {
  readonly rootMounts: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** File on the machine → path inside, besides what all have. */
  readonly files?: Readonly<Record<string, string>>;
  /** For one that is run to its end, and is not to go on without us. */
  readonly dieWithParent?: boolean;
}

/** A server in its image's tree, its node's namespace, its own PID space, as the unprivileged user. */
export function serverArgv(
  machine: Machine,
  node: Program,
  { rootMounts, environment = {}, files = {}, dieWithParent = false }: StartedFrom,
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
        ...files,
      },
      hostname: node.name,
      network: 'namespace',
      user: 'server',
      environment,
      dieWithParent,
    },
    command,
  );
}

/** How a server ends, as far as that is known before. */
export interface Ending {
  /** What it writes when it does not come up. */
  readonly givesUp?: RegExp;
  /** The exit code by which it asks to be started again. */
  readonly restartsBy?: number;
}

/** The file that says how a node's server ended: its exit code (128 and the signal's number) and when; empty while it runs. */
export function endFile({ directory }: Pick<Program, 'directory'>): string {
  return `${directory}/end`;
}

/** Notes the end of a server, and starts it again when it asks for that. Whatever else ends it, a kill above all, is its end. */
const WATCH =
  'end=$1 again=$2; shift 2; while :; do : >"$end"; "$@"; code=$?; echo "$code $(date +%s)" >"$end"; [ "$code" = "$again" ] || exit "$code"; done';

/** The argv that runs a program, and notes its end in a directory. */
export function watchedArgv(
  place: Pick<Program, 'directory'>,
  argv: readonly string[],
  restartsBy?: number,
): readonly string[] {
  return ['sh', '-c', WATCH, 'sh', endFile(place), String(restartsBy ?? 'never'), ...argv];
}

/** Starts what `serverArgv` made, and what notes its end. */
export function spawnStep(node: Program, argv: readonly string[], { givesUp, restartsBy }: Ending = {}): Step {
  const { name, namespace, log } = node;
  const watched = watchedArgv(node, argv, restartsBy);
  return {
    step: `start ${name}`,
    makes: [{ kind: 'processes', namespace }],
    acts: [
      {
        ...{ do: 'spawn', argv: inNamespace(namespace, watched), log, node: name, namespace },
        ...(givesUp !== undefined && { givesUp }),
      },
    ],
  };
}
