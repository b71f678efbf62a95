import type { Origin } from '../../cluster/cluster.js';
import { ConflictError, MachineError, NotFoundError, UsageError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';

type Of<K extends Origin['kind']> = Extract<Origin, { kind: K }>;

/**
 * The network namespace of a process.
 * @throws NotFoundError when there is no such process; UsageError when it has the machine's own namespace; ConflictError
 *   when that is a cluster's already.
 */
export async function processOf(machine: Machine, pid: number, container: string | null): Promise<Of<'process'>> {
  const process = machine.processes.identify(pid);
  const inode = machine.processes.namespaceOf(pid);
  if (process === null || inode === null) throw new NotFoundError(`There is no process ${pid}.`);
  await assertForeign(machine, inode, container === null ? `The process ${pid}` : `The container ${container}`);
  return { kind: 'process', process, container };
}

/** One that `ip netns` knows; @throws as `processOf`. */
export async function namespaceNamed(machine: Machine, name: string): Promise<Of<'netns'>> {
  if (!/^[^/]+$/.test(name) || name === '.' || name === '..')
    throw new UsageError(`--netns ${name}: write a name as 'ip netns list' has it.`);
  const inode = machine.files.stat(`${machine.roots.netns}/${name}`)?.inode;
  if (inode === undefined) {
    const names = (await machine.files.list(machine.roots.netns)).map((entry) => entry.name);
    const others = names.filter((other) => !other.startsWith('dbns-'));
    throw new NotFoundError(
      `There is no network namespace '${name}'. ${others.length === 0 ? 'There is none but those of clusters' : `There are: ${others.join(', ')}`}.`,
      { suggestions: [`ip netns add ${name}`] },
    );
  }
  await assertForeign(machine, inode, `'${name}'`);
  return { kind: 'netns', netns: name, inode };
}

const ENGINES = ['docker', 'podman'];

/** The first process of a container, as its engine says; @throws MachineError without an engine; and as `processOf`. */
export async function containerOf(machine: Machine, name: string): Promise<Of<'process'>> {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name))
    throw new UsageError(`--container ${name}: write the name or the id of a container.`);
  const engines = ENGINES.filter((engine) => machine.which(engine) !== null);
  if (engines.length === 0) {
    throw new MachineError(`--container ${name}: the machine has neither ${ENGINES.join(' nor ')} on its PATH.`, {
      suggestions: ['--pid takes the number of a process in the container'],
    });
  }
  const said: string[] = [];
  for (const engine of engines) {
    const argv = [engine, 'inspect', '--type', 'container', '--format', '{{.State.Pid}}', name];
    const { stdout, stderr, exitCode } = await machine.run(argv, { allowFailure: true });
    const pid = Number(stdout.trim());
    if (exitCode === 0 && pid > 0) return processOf(machine, pid, name);
    if (exitCode === 0)
      throw new ConflictError(`The container ${name} does not run.`, { suggestions: [`${engine} start ${name}`] });
    said.push(`${engine}: ${stderr.trim().split('\n')[0] ?? ''}`);
  }
  throw new NotFoundError(`There is no container '${name}'. ${said.join('; ')}`);
}

async function assertForeign(machine: Machine, inode: number, what: string): Promise<void> {
  if (inode === machine.processes.namespaceOf(process.pid)) {
    throw new UsageError(`${what} is in the machine's own network, which reaches every node as it is.`, {
      suggestions: ['dbns uri tells where'],
    });
  }
  const names = (await machine.files.list(machine.roots.netns)).map(({ name }) => name);
  const own = names
    .filter((name) => name.startsWith('dbns-'))
    .find((name) => machine.files.stat(`${machine.roots.netns}/${name}`)?.inode === inode);
  if (own !== undefined)
    throw new ConflictError(`${what} is on a cluster's network already: ${own}.`, { suggestions: ['dbns status'] });
}
