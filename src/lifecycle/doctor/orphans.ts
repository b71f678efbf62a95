import type { Machine } from '../../host/machine.js';
import { pristinesDirectory } from '../resolve.js';
import type { Remnant } from './remnant.js';

/** Servers in a namespace without a name (somebody typed `ip netns delete`): they run on, and no `destroy` finds them. */
export async function findOrphans(machine: Machine): Promise<readonly Remnant[]> {
  if (!machine.isRoot) return [];
  const named = await namedNetworks(machine);
  const entries = await machine.files.list(machine.roots.proc);
  const pids = entries
    .map(({ name }) => Number(name))
    .filter((pid) => Number.isInteger(pid) && isOldServer(machine, pid));
  const networks = await Promise.all(pids.map((pid) => networkOf(machine, pid)));
  const orphans = pids.filter((_, index) => !named.has(networks[index] ?? null));
  if (orphans.length === 0 || (await isPristineInTheMaking(machine))) return [];
  const found = `servers in namespaces that were deleted under them: processes ${orphans.join(', ')}`;
  return [{ found, advice: [`kill -KILL ${orphans.join(' ')}`] }];
}

/** The server of a pristine directory has no named network either. */
async function isPristineInTheMaking(machine: Machine): Promise<boolean> {
  if (!machine.files.exists(pristinesDirectory(machine))) return false;
  const lock = await machine.lock(pristinesDirectory(machine));
  await lock?.release();
  return lock === null;
}

/** Inodes of the networks that have a name; null stands for that of a process that has ended meanwhile. */
async function namedNetworks(machine: Machine): Promise<ReadonlySet<number | null>> {
  const entries = await machine.files.list(machine.roots.netns);
  return new Set([
    null,
    ...entries.map(({ name }) => machine.files.stat(`${machine.roots.netns}/${name}`)?.inode ?? null),
  ]);
}

async function networkOf({ files, roots }: Machine, pid: number): Promise<number | null> {
  // A process that ends meanwhile has let go of it.
  const target = await files.readLink(`${roots.proc}/${pid}/ns/net`).catch(() => null);
  return target === null ? null : Number(/\[(\d+)\]/.exec(target)?.[1]);
}

/** Of the servers' user and older than we are, who try out a sandbox at this moment. */
function isOldServer(machine: Machine, pid: number): boolean {
  if (!isServer(statusOf(machine, pid), machine.serverUid)) return false;
  const [started, weStarted] = [pid, process.pid].map((each) => machine.processes.identify(each)?.startTime);
  return started !== undefined && weStarted !== undefined && started < weStarted;
}

/** A process that ends while it is looked at has no status. */
function statusOf({ files, roots }: Machine, pid: number): string {
  try {
    return files.read(`${roots.proc}/${pid}/status`) ?? '';
  } catch {
    return '';
  }
}

/** From /proc/PID/status. A server's PID space lies right below ours; deeper ones are of containers and test worlds. */
export function isServer(status: string, uid: number): boolean {
  const [, owner] = /^Uid:\s+(\d+)/m.exec(status) ?? [];
  const [, pids] = /^NSpid:\s+(.*)$/m.exec(status) ?? [];
  return Number(owner) === uid && pids?.trim().split(/\s+/).length === 2;
}
