import { programsOf, type Host } from '../../cluster/cluster.js';
import { ConflictError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { killProcess, wake } from '../../process/end.js';
import { sandboxPids } from '../../process/find.js';
import type { Chosen } from '../choose.js';
import { requireRoot } from '../context.js';
import { recorded, type VerbWords } from '../record.js';
import { ANSWER_TIMEOUT, settled } from '../status.js';
import { serversOf, type VerbView } from './verb.js';

/** Sends a signal to a node's server, and after SIGKILL returns when it is gone. */
async function signalServer(machine: Machine, node: Host, signal: NodeJS.Signals): Promise<void> {
  const pid = serversOf(machine, [node]).get(node.name)?.pid ?? null;
  if (pid === null) return;
  if (signal === 'SIGKILL') await killProcess(machine, pid);
  else machine.processes.signal(pid, signal);
}

/**
 * Sends a signal to the servers of nodes, as they are wanted to run still.
 * @throws ConflictError when one has no server, before any was touched.
 */
export async function killNodes(machine: Machine, chosen: Chosen, signal: NodeJS.Signals): Promise<VerbView> {
  return onServers(machine, { verb: 'kill', about: signal }, chosen, async (node) => {
    await signalServer(machine, node, signal);
    return signal === 'SIGKILL' ? 'killed' : `sent ${signal}`;
  });
}

/** Stops the servers of nodes as a debugger does: connections stay open, and nobody answers. */
export async function pauseNodes(machine: Machine, chosen: Chosen): Promise<VerbView> {
  return onServers(machine, { verb: 'pause' }, chosen, (node, state) => {
    for (const pid of sandboxPids(machine, node.namespace)) machine.processes.signal(pid, 'SIGSTOP');
    return Promise.resolve(state === 'paused' ? 'was paused' : 'paused');
  });
}

/** Lets paused servers go on. */
export async function resumeNodes(machine: Machine, chosen: Chosen): Promise<VerbView> {
  return onServers(machine, { verb: 'resume' }, chosen, (node, state) => {
    wake(machine, node.namespace);
    return Promise.resolve(state === 'paused' ? 'resumed' : 'was running');
  });
}

async function onServers(
  machine: Machine,
  verb: Pick<VerbWords, 'verb' | 'about'>,
  { cluster, ...chosen }: Chosen,
  act: (node: Host, state: 'running' | 'paused') => Promise<string>,
): Promise<VerbView> {
  const nodes: readonly Host[] = [...programsOf(chosen), ...chosen.attached];
  const resting = new Set(programsOf(chosen).flatMap(({ name, wanted }) => (wanted === 'stopped' ? [name] : [])));
  const names = nodes.map(({ name }) => name);
  requireRoot(machine, `${verb.verb} ${cluster.name} ${names.join(' ')}`);
  return recorded(machine, cluster.name, { ...verb, nodes: names }, async () => {
    const servers = serversOf(machine, nodes);
    for (const { name } of nodes) {
      const state = servers.get(name)?.state ?? 'missing';
      if (state === 'running' || state === 'paused') continue;
      const is = state === 'dead' && resting.has(name) ? 'stopped' : state;
      throw new ConflictError(`${name} of '${cluster.name}' is ${is}: there is no server to ${verb.verb}.`, {
        suggestions: [`dbns start ${cluster.name} ${name}`],
      });
    }
    const outcomes = await Promise.all(
      nodes.map(async (node) => {
        const state = servers.get(node.name)?.state === 'paused' ? 'paused' : 'running';
        return { node: node.name, outcome: await act(node, state) };
      }),
    );
    return { cluster: await settled(machine, cluster, ANSWER_TIMEOUT), nodes: outcomes, notes: [] };
  });
}
