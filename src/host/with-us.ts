import type { RunResult } from './machine.js';

/**
 * The argv that runs a command which dies with us, even by kill -9: the kernel kills it when we end. Had we ended before
 * it was told to, its parent is another, and it never starts. What it makes does not depend on the caller's umask. The
 * words of the command are not the shell's to read.
 */
export function withUs(argv: readonly string[]): readonly string[] {
  const unlessOrphaned = '[ "$PPID" = "$1" ] && shift && umask 022 && exec "$@"';
  return [
    'setpriv',
    '--pdeathsig',
    'KILL',
    '--',
    '/bin/sh',
    '-c',
    unlessOrphaned,
    'dbns',
    String(process.pid),
    ...argv,
  ];
}

/** The shell, in front of the command, says when there is no such program. */
export function isNotFound([program = '']: readonly string[], { exitCode, stderr }: RunResult): boolean {
  return exitCode === 127 && stderr.startsWith('dbns: ') && stderr.includes(`exec: ${program}: `);
}
