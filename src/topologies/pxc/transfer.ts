import type { Node } from '../../cluster/cluster.js';
import type { Machine } from '../../host/machine.js';
import { findServers, hasEnded, sandboxPids } from '../../process/find.js';
import { listens } from '../../servers/listens.js';

/** Milliseconds in which a server that came up a moment ago begins its transfer, if it needs one. */
const SOON = 3000;
/** Milliseconds in which it leaves the others, once its transfer failed: mariabackup's donor sleeps for ten seconds. */
const PATIENCE = 15_000;

/**
 * Ends a server that still takes its data over: it hears no SIGTERM then, nor later (measured). Without the script of its
 * transfer it gives up, and leaves the others in order; killed, it would block their writes until they suspect it. Returns
 * at once where the server is ready.
 */
export async function endTransfer(machine: Machine, node: Node, signal: AbortSignal): Promise<void> {
  const pid = findServers(machine, [node.namespace]).get(node.namespace)?.pid ?? null;
  if (pid === null) return;
  const until = Date.now() + SOON;
  while (scriptsOf(machine, node).length === 0) {
    if ((await listens(node.socket)) || Date.now() >= until) return;
    if (await hasEnded(machine, pid, Date.now() + 100, signal)) return;
  }
  for (const script of scriptsOf(machine, node)) machine.processes.signal(script, 'SIGTERM');
  if (!(await hasEnded(machine, pid, Date.now() + PATIENCE, signal))) machine.processes.signal(pid, 'SIGKILL');
}

function scriptsOf(machine: Machine, { namespace }: Node): readonly number[] {
  const wordsOf = (pid: number) => machine.files.read(`${machine.roots.proc}/${pid}/cmdline`) ?? '';
  return sandboxPids(machine, namespace).filter((pid) => wordsOf(pid).includes('wsrep_sst_'));
}
