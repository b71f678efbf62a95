import type { Machine } from '../host/machine.js';
import { parentsOf } from '../host/parents.js';

/** What a server sees of the machine: bubblewrap's arguments, as data. Paths are the same inside and outside. */
export interface ContainerSpec {
  /** The image's tree as `/`, already in bubblewrap's words. */
  readonly rootMounts: readonly string[];
  /** Directories that the server may write. */
  readonly writable: readonly string[];
  /** File or directory on the machine → path inside. */
  readonly files: Readonly<Record<string, string>>;
  /** Directories inside of which nothing is seen. */
  readonly hidden?: readonly string[];
  readonly hostname: string;
  /** `namespace`: the one that we are in already. `none`: nothing but a loopback of its own. */
  readonly network: 'namespace' | 'none';
  /** `server`: the unprivileged user, no capabilities, a PID space of its own. `root`: for programs of the user. */
  readonly user: 'server' | 'root';
  /** Ends with the process that started it. */
  readonly dieWithParent?: boolean;
  readonly chdir?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The argv that runs `command` in the image's tree. */
export function containerArgv(machine: Machine, spec: ContainerSpec, command: readonly string[]): readonly string[] {
  return [
    'bwrap',
    ...spec.rootMounts,
    ...[
      '--dev',
      '/dev',
      '--proc',
      '/proc',
      '--dir',
      '/run',
      '--dir',
      '/var',
      '--perms',
      '1777',
      '--tmpfs',
      '/tmp',
      '--perms',
      '1777',
      '--tmpfs',
      '/var/tmp',
    ],
    ...parentWords([...spec.writable, ...Object.values(spec.files)]),
    ...spec.writable.flatMap((directory) => ['--bind', directory, directory]),
    ...Object.entries(spec.files).flatMap(([from, to]) => ['--ro-bind', from, to]),
    ...(spec.hidden ?? []).flatMap((directory) => ['--tmpfs', directory]),
    ...(spec.user === 'server' ? ['--unshare-pid', '--unshare-ipc'] : []),
    '--clearenv',
    ...Object.entries({ PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...spec.environment }).flatMap(([name, value]) => [
      '--setenv',
      name,
      value,
    ]),
    ...['--unshare-uts', '--hostname', spec.hostname],
    ...(spec.network === 'none' ? ['--unshare-net'] : []),
    ...(spec.dieWithParent === true ? ['--die-with-parent'] : []),
    ...['--chdir', spec.chdir ?? '/'],
    ...(spec.user === 'server' ? dropPrivileges(machine.serverUid) : []),
    ...command,
  ];
}

/** The same, inside a node's network namespace. */
export function inNamespace(namespace: string, argv: readonly string[]): readonly string[] {
  return ['ip', 'netns', 'exec', namespace, ...argv];
}

/** A user of the machine's. */
export interface Caller {
  readonly uid: number;
  readonly gid: number;
  /** The name, where it is known; then the user's other groups are too. */
  readonly user: string | null;
}

/** A program of a user's own as it would run anywhere, but in a PID space by which it is found, and ended whole. */
export function withCaller(argv: readonly string[], directory: string, caller: Caller | null): readonly string[] {
  const room = ['--dev-bind', '/', '/', '--proc', '/proc', '--unshare-pid', '--chdir', directory];
  return ['bwrap', ...room, '--', ...(caller === null ? [] : becoming(caller)), ...argv];
}

/** What turns root into a user, before an argv. */
export function becoming({ uid, gid, user }: Caller): readonly string[] {
  const groups = user === null ? '--clear-groups' : '--init-groups';
  return ['setpriv', '--reuid', String(uid), '--regid', String(gid), groups, '--inh-caps', '-all', '--'];
}

function dropPrivileges(uid: number): readonly string[] {
  return [
    ...['setpriv', '--reuid', String(uid), '--regid', String(uid), '--clear-groups'],
    ...['--no-new-privs', '--inh-caps', '-all', '--bounding-set', '-all', '--'],
  ];
}

/** bubblewrap makes missing parents for root's eyes only: name each, so that the servers' user can pass. */
function parentWords(places: readonly string[]): readonly string[] {
  return [...new Set(places.flatMap(parentsOf))].flatMap((directory) => ['--dir', directory]);
}
