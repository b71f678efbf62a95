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

/**
 * Ends what donors still send to those that have ended. Where nothing comes through from there they would not hear of it, and
 * send, desynced, for as long as TCP tries.
 */
export function endDonations(machine: Machine, donors: readonly Node[], ended: readonly Node[]): void {
  for (const { namespace } of donors) {
    for (const pid of sandboxPids(machine, namespace)) {
      const words = wordsOf(machine, pid);
      const isFor = ended.some(({ address }) => words.some((word) => word.split(/[^\d.]/).includes(address)));
      if (isFor) machine.processes.signal(pid, 'SIGTERM');
    }
  }
}

function scriptsOf(machine: Machine, { namespace }: Node): readonly number[] {
  return sandboxPids(machine, namespace).filter((pid) => wordsOf(machine, pid).join(' ').includes('wsrep_sst_'));
}

function wordsOf({ files, roots }: Machine, pid: number): readonly string[] {
  return (files.read(`${roots.proc}/${pid}/cmdline`) ?? '').split('\0');
}
