import fs from 'node:fs';
import { isError } from '../errors/errors.js';
import { bootId } from './clock.js';
import { lockHolder, type LockHolder } from './lock-holder.js';
import { mayRaisePriority, usualPriority } from './priority.js';
import { startTimeOf } from './proc-stat.js';

/** A process as /proc shows it. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** Its pid inside the innermost PID namespace. */
  readonly innerPid: number;
  /** How deep its PID namespace lies; 1 is ours. */
  readonly depth: number;
  /** The kernel's name of its program, 15 bytes at most; it may choose another for itself. */
  readonly name: string;
  /** The kernel's letter: R, S, D, T (stopped by a signal), Z (ended, not yet collected) … */
  readonly state: string;
  /** Resident memory, bytes. */
  readonly memory: number;
}

/** A pid alone is used again; with the time of its start (clock ticks since boot) and the boot it is one process. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: number;
  readonly bootId: string;
}

export interface ProcessTable {
  /** The processes in each of the network namespaces, which are named by their inode. One walk of /proc for all. */
  inNamespaces(inodes: ReadonlySet<number>): ReadonlyMap<number, readonly ProcessInfo[]>;
  /** Inode of a process's network namespace; null when the process is gone. */
  namespaceOf(pid: number): number | null;
  /**
   * Processes of containers that have, or were to have, something bound at one of these places or below: those of a user
   * that see a mount there, and bubblewraps that are to bind it.
   */
  usersOf(places: readonly string[], uid: number): readonly number[];
  /** Sends a signal; a process that is gone is done. */
  signal(pid: number, signal: NodeJS.Signals): void;
  /**
   * Milliseconds that the threads of a process were on a CPU, or in line for one, since each began; 0 when it is gone.
   * A server that has much to do, or is let do little, is at work by this; one that hangs is not.
   * Source: Documentation/scheduler/sched-stats.rst, /proc/PID/schedstat.
   */
  workOf(pid: number): number;
  /** Whether we may give a process a better priority than it has (CAP_SYS_NICE). */
  mayRaisePriority(): boolean;
  /** Gives all threads of a process the usual priority, those too that they start meanwhile. */
  usualPriority(pid: number): void;
  /** Resident memory, bytes; null when it is gone. */
  memoryOf(pid: number): number | null;
  /** What tells a process from a later one of the same pid; null when there is none. Needs no root. */
  identify(pid: number): ProcessIdentity | null;
  /** Who has the lock on a directory that `Machine.lock` takes; null when nobody does, or it can't be seen from here. */
  lockHolder(directory: string): LockHolder | null;
}

export const localProcesses: ProcessTable = {
  inNamespaces(inodes) {
    const found = new Map<number, ProcessInfo[]>();
    for (const entry of fs.readdirSync('/proc')) {
      const pid = Number(entry);
      if (!Number.isInteger(pid)) continue;
      const inode = networkNamespaceOf(pid);
      if (inode === null || !inodes.has(inode)) continue;
      const info = describe(pid);
      if (info !== null) found.set(inode, [...(found.get(inode) ?? []), info]);
    }
    return found;
  },
  namespaceOf: networkNamespaceOf,
  usersOf(places, uid) {
    const isThere = (path: string) => places.some((place) => path === place || path.startsWith(`${place}/`));
    const pids = fs.readdirSync('/proc').map(Number).filter(Number.isInteger);
    return pids.filter(
      (pid) => (ownerOf(pid) === uid && mountpointsOf(pid).some(isThere)) || isContainerOf(pid, isThere),
    );
  },
  workOf,
  mayRaisePriority,
  usualPriority,
  memoryOf: (pid) => describe(pid)?.memory ?? null,
  lockHolder,
  signal(pid, signal) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (!(isError(error) && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  },
  identify(pid) {
    const state = describe(pid)?.state;
    if (state === undefined || state === 'Z' || state === 'X') return null;
    try {
      return { pid, startTime: startTimeOf(pid), bootId: bootId() };
    } catch {
      return null; // it has ended meanwhile
    }
  },
};

/** What bubblewrap binds comes next; all else in its argv may be the words of somebody's own program. */
const BINDS: ReadonlySet<string> = new Set(['--bind', '--ro-bind']);

/**
 * A bubblewrap that is to bind a directory, perhaps before it has: it waits for ever for a parent that was killed then; or what
 * is about to become one (withUs, withoutDescriptors).
 */
function isContainerOf(pid: number, isThere: (word: string) => boolean): boolean {
  try {
    const argv = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return argv.includes('bwrap') && argv.some((word, at) => BINDS.has(argv[at - 1] ?? '') && isThere(word));
  } catch {
    return false;
  }
}

/** Inode of a process's network namespace; null when the process is gone or has let go of it. */
function networkNamespaceOf(pid: number): number | null {
  try {
    return Number(/\[(\d+)\]/.exec(fs.readlinkSync(`/proc/${pid}/ns/net`))?.[1]);
  } catch {
    return null;
  }
}

function ownerOf(pid: number): number | null {
  try {
    return fs.statSync(`/proc/${pid}`).uid;
  } catch {
    return null;
  }
}

/** Field 5 of the lines of /proc/PID/mountinfo. */
function mountpointsOf(pid: number): readonly string[] {
  try {
    const lines = fs.readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n');
    return lines.flatMap((line) => line.split(' ')[4] ?? []);
  } catch {
    return [];
  }
}

function describe(pid: number): ProcessInfo | null {
  let status: string;
  try {
    status = fs.readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return null;
  }
  const field = (name: string) => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1] ?? '';
  const pids = field('NSpid').split(/\s+/).map(Number);
  return {
    pid,
    parent: Number(field('PPid')),
    innerPid: pids.at(-1) ?? pid,
    depth: pids.length,
    name: field('Name'),
    state: field('State').slice(0, 1),
    memory: Number.parseInt(field('VmRSS') || '0', 10) * 1024,
  };
}

function workOf(pid: number): number {
  try {
    const threads = fs.readdirSync(`/proc/${pid}/task`);
    return threads.reduce((sum, thread) => sum + workOfThread(`/proc/${pid}/task/${thread}/schedstat`), 0);
  } catch {
    return 0;
  }
}

/** The first two fields are nanoseconds on a CPU and in line for one. */
function workOfThread(file: string): number {
  try {
    const [onCpu = 0, inLine = 0] = fs.readFileSync(file, 'utf8').split(' ').map(Number);
    return (onCpu + inLine) / 1e6;
  } catch {
    return 0;
  }
}
