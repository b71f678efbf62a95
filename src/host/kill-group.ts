import type { ChildProcess } from 'node:child_process';

/**
 * Kills a command with all that it started: it leads a process group, in whatever PID spaces its members are. The group
 * outlives its leader, and whoever of it has our pipes keeps them open.
 */
export function killGroup({ pid }: Pick<ChildProcess, 'pid'>): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
