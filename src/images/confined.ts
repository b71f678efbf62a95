import { parentsOf } from '../host/parents.js';

/**
 * The argv that runs a command which can write nothing but `directory` (absolute, without links on the way), gives no
 * file capabilities, and ends with the process that started it. It sees the machine's files and network, and has a
 * /tmp of its own.
 */
export function confinedArgv(directory: string, command: readonly string[]): readonly string[] {
  return [
    ...['bwrap', '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--perms', '1777', '--tmpfs', '/tmp'],
    ...parentsOf(directory).flatMap((parent) => ['--dir', parent]),
    ...['--bind', directory, directory, '--unshare-pid', '--cap-drop', 'CAP_SETFCAP', '--die-with-parent'],
    ...['--chdir', '/', '--setenv', 'TMPDIR', '/tmp'],
    ...command,
  ];
}

/** The argv that runs a program of a tree in the tree, which it may write. */
export function inTreeArgv(root: string, command: readonly string[]): readonly string[] {
  return ['bwrap', '--bind', root, '/', '--unshare-all', '--die-with-parent', '--chdir', '/', '--clearenv', ...command];
}
