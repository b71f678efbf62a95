import { isBorrowedNamespace } from '../cluster/names.js';
import type { Machine } from '../host/machine.js';
import type { ProcessIdentity, ProcessInfo } from '../host/processes.js';

/** How a node's server process stands, as the kernel sees it. */
export interface ServerProcess {
  readonly state: 'running' | 'paused' | 'dead' | 'missing';
  readonly pid: number | null;
  /** Resident, bytes. */
  readonly memory: number | null;
}

const DEAD: ServerProcess = { state: 'dead', pid: null, memory: null };

/** Finds the servers of namespaces: the first process of the PID space in each, never by a name or a pid file. */
export function findServers(machine: Machine, namespaces: readonly string[]): ReadonlyMap<string, ServerProcess> {
  const inodes = namespaceInodes(machine, namespaces);
  const processes = machine.processes.inNamespaces(new Set(inodes.values()));
  return new Map(
    namespaces.map((namespace): [string, ServerProcess] => {
      const inode = inodes.get(namespace);
      if (inode === undefined) return [namespace, { ...DEAD, state: 'missing' }];
      return [namespace, describe((processes.get(inode) ?? []).find(isServer))];
    }),
  );
}

/** All that runs in the PID space of a namespace's server; people's own programs in the namespace are not in there. */
export function sandboxPids(machine: Machine, namespace: string): readonly number[] {
  const [inode] = namespaceInodes(machine, [namespace]).values();
  if (inode === undefined) return [];
  const processes = machine.processes.inNamespaces(new Set([inode])).get(inode) ?? [];
  return processes.filter(({ depth, innerPid }) => depth > 1 && innerPid !== 1).map(({ pid }) => pid);
}

/** All that runs in namespaces. */
export function processesIn(machine: Machine, namespaces: readonly string[]): readonly ProcessInfo[] {
  const inodes = new Set(namespaceInodes(machine, namespaces).values());
  return [...machine.processes.inNamespaces(inodes).values()].flat();
}

/** Those of the namespaces in which a program of the machine runs, by the kernel's name of it. */
export function namespacesWith(machine: Machine, namespaces: readonly string[], program: string): ReadonlySet<string> {
  const inodes = namespaceInodes(machine, namespaces);
  const processes = machine.processes.inNamespaces(new Set(inodes.values()));
  const runsIn = (inode: number) =>
    processes.get(inode)?.some(({ name, depth, state }) => name === program && depth === 1 && state !== 'Z') === true;
  return new Set([...inodes].flatMap(([namespace, inode]) => (runsIn(inode) ? [namespace] : [])));
}

/** bubblewrap's init is 1 in the PID space; the server is the one it started, 2. */
function isServer({ depth, innerPid, state }: ProcessInfo): boolean {
  return depth > 1 && innerPid === 2 && state !== 'Z' && state !== 'X';
}

function describe(server: ProcessInfo | undefined): ServerProcess {
  if (server === undefined) return DEAD;
  const stopped = server.state === 'T' || server.state === 't';
  return { state: stopped ? 'paused' : 'running', pid: server.pid, memory: server.memory };
}

/** ms until what was killed is gone. */
export const KILL_PATIENCE = 10_000;

/**
 * Kills everything in the namespaces and returns when nothing is left there; absent means done. A namespace whose name
 * somebody deleted lives on with its processes: it is found by those that were `recorded` in it. What runs in a borrowed
 * namespace is somebody else's, by whatever name that has besides.
 */
export async function killAll(
  machine: Machine,
  namespaces: readonly string[],
  recorded: readonly ProcessIdentity[] = [],
): Promise<void> {
  const borrowed = await borrowedInodes(machine);
  const found = [...namespaceInodes(machine, namespaces).values(), ...(await namelessOf(machine, recorded))];
  await killIn(machine, new Set(found.filter((inode) => !borrowed.has(inode))), (processes) => processes);
}

/**
 * Kills the servers of namespaces with all that is theirs, and returns when nothing of it is left. People's own programs in
 * there go on.
 */
export async function killServers(machine: Machine, namespaces: readonly string[]): Promise<void> {
  await killIn(machine, new Set(namespaceInodes(machine, namespaces).values()), ofServers);
}

/** Of the processes of a namespace those in PID spaces of servers, and those that stand behind them: what notes an end, and starts again. */
function ofServers(processes: readonly ProcessInfo[]): readonly ProcessInfo[] {
  const inside = processes.filter(({ depth }) => depth > 1);
  const theirs = new Set(inside);
  for (const one of theirs) {
    const parent = processes.find(({ pid }) => pid === one.parent);
    if (parent !== undefined) theirs.add(parent);
  }
  return [...theirs];
}

/**
 * Kills the containers that have places bound, and returns when none is left. A helper's dies with whoever started it, but
 * for the moment in which bubblewrap has not yet asked the kernel for that: then its child waits for it for ever.
 */
export async function killUsers({ processes, serverUid }: Machine, places: readonly string[]): Promise<void> {
  const deadline = Date.now() + KILL_PATIENCE;
  for (;;) {
    const left = processes.usersOf(places, serverUid);
    if (left.length === 0 || Date.now() >= deadline) return;
    for (const pid of left) processes.signal(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

async function killIn(
  machine: Machine,
  inodes: ReadonlySet<number>,
  chosen: (processes: readonly ProcessInfo[]) => readonly ProcessInfo[],
): Promise<void> {
  const deadline = Date.now() + KILL_PATIENCE;
  for (;;) {
    const left = [...machine.processes.inNamespaces(inodes).values()].flatMap(chosen);
    if (left.length === 0) return;
    if (Date.now() > deadline) throw new Error(`still running after SIGKILL: ${left.map(({ pid }) => pid).join(', ')}`);
    for (const { pid } of left) machine.processes.signal(pid, 'SIGKILL');
    await Promise.all(left.map(({ pid }) => hasEnded(machine, pid, deadline)));
  }
}

async function borrowedInodes(machine: Machine): Promise<ReadonlySet<number>> {
  const names = (await machine.files.list(machine.roots.netns)).map(({ name }) => name);
  return new Set(namespaceInodes(machine, names.filter(isBorrowedNamespace)).values());
}

/** The namespaces of recorded processes, without those that have a name: a record may be a copy of another cluster's. */
async function namelessOf(machine: Machine, recorded: readonly ProcessIdentity[]): Promise<readonly number[]> {
  const found = recorded
    .filter((process) => isSame(machine, process))
    .flatMap(({ pid }) => machine.processes.namespaceOf(pid) ?? []);
  if (found.length === 0) return [];
  const names = (await machine.files.list(machine.roots.netns)).map(({ name }) => name);
  const named = new Set([machine.processes.namespaceOf(process.pid), ...namespaceInodes(machine, names).values()]);
  return found.filter((inode) => !named.has(inode));
}

/** Milliseconds between two looks at a process that is to end. */
const PAUSE = 10;

/** Waits until a process has ended; false after a deadline, ms since the epoch. Looks at it alone, not at all of /proc. */
export async function hasEnded(
  machine: Machine,
  pid: number,
  deadline: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const process = machine.processes.identify(pid);
  while (process !== null && isSame(machine, process)) {
    signal?.throwIfAborted();
    if (Date.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return true;
}

/** Whether the process that was recorded is the one that has its pid now. */
export function isSame(machine: Machine, { pid, startTime, bootId }: ProcessIdentity): boolean {
  const now = machine.processes.identify(pid);
  return now?.startTime === startTime && now.bootId === bootId;
}

function namespaceInodes(machine: Machine, namespaces: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    namespaces.flatMap((name) => {
      const inode = machine.files.stat(`${machine.roots.netns}/${name}`)?.inode;
      return inode === undefined ? [] : [[name, inode] as const];
    }),
  );
}
