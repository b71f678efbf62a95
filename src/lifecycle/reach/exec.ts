import { DbnsError, UsageError } from '../../errors/errors.js';
import type { AttachOptions, Machine } from '../../host/machine.js';
import { becoming, inNamespace } from '../../process/container.js';
import { accountOf, type Caller } from '../caller.js';
import { choose, type Choice } from '../choose.js';
import { requireRoot } from '../context.js';
import { assertNamespace, selectCluster, selectHost } from '../select.js';
import { hostsChosen, runOnEach, type OnNodeLine } from './many.js';

/** A shell's exit code for a program that is not there. */
export class NoProgramError extends DbnsError {
  readonly code = 'DBNS_NO_PROGRAM';
  readonly exitCode = 127;

  constructor(program: string, where = 'The machine') {
    super(`${where} has no program '${program}' on its PATH.`);
  }
}

/** Runs one of the machine's programs in a node's namespace, on our own streams; answers its exit code. */
export async function execOnNode(
  machine: Machine,
  clusterName: string,
  nodeName: string,
  argv: readonly string[],
): Promise<number> {
  requireRoot(machine, `exec ${clusterName} ${nodeName} -- …`);
  assertWords(argv);
  const node = selectHost(await selectCluster(machine, clusterName), nodeName);
  assertNamespace(machine, node);
  assertProgram(machine, argv);
  return machine.attach(inNamespace(node.namespace, argv));
}

/** The same on many nodes at once, each line by itself; answers the worst exit code, which is the highest. */
export async function execOnNodes(
  machine: Machine,
  choice: Choice,
  argv: readonly string[],
  onLine: OnNodeLine,
): Promise<number> {
  requireRoot(machine, 'exec');
  assertWords(argv);
  const hosts = hostsChosen(await choose(machine, choice, 'named'));
  for (const { host } of hosts) assertNamespace(machine, host);
  assertProgram(machine, argv);
  const tasks = hosts.map(({ name, host }) => ({
    name,
    run: (streams: AttachOptions) => machine.attach(inNamespace(host.namespace, argv), streams),
  }));
  return runOnEach(tasks, onLine);
}

function assertWords(argv: readonly string[]): void {
  if (argv.length === 0) throw new UsageError('What should run? dbns exec CLUSTER NODE -- COMMAND …');
}

/** @throws NoProgramError when the machine has no such program. */
export function assertProgram(machine: Machine, [program = '']: readonly string[]): void {
  if (!program.includes('/') && machine.which(program) === null) throw new NoProgramError(program);
}

/**
 * Runs one of the machine's programs as a user, on our own streams and with our environment; answers its exit code.
 * @param caller root when null
 * @param adding what it has in its environment besides
 */
export async function runAsCaller(
  machine: Machine,
  argv: readonly string[],
  caller: Caller | null,
  adding: Readonly<Record<string, string>>,
): Promise<number> {
  if (caller === null) return machine.attach(argv, { adding });
  return machine.attach([...becoming(caller), ...argv], { adding: { ...accountOf(machine, caller), ...adding } });
}
