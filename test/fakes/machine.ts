import { Readable } from 'node:stream';
import type { EntryInfo, Files, WriteOptions } from '../../src/host/files.js';
import type { Machine, RunOptions, RunResult } from '../../src/host/machine.js';
import type { ProcessInfo } from '../../src/host/processes.js';

type Entry =
  | { readonly kind: 'directory'; readonly mode: number; readonly uid: number }
  | { readonly kind: 'file'; readonly content: string; readonly mode: number; readonly uid: number }
  | { readonly kind: 'link'; readonly target: string };

/** A command that the fake was asked to run, and what it was given on stdin. */
export interface Ran {
  readonly argv: readonly string[];
  readonly input?: string;
}

/** What the fake answers to a command; nothing is exit 0 and no words. */
export type Answer = (argv: readonly string[], options: RunOptions) => Partial<RunResult> | undefined;

export interface FakeSetup {
  readonly isRoot?: boolean;
  /** Path → content; parents are made. */
  readonly files?: Readonly<Record<string, string>>;
  readonly directories?: readonly string[];
  readonly answer?: Answer;
  readonly onPath?: readonly string[];
  /** Directories whose lock another process holds. */
  readonly locked?: readonly string[];
}

/** A machine that does nothing: it records what it is told, and its files are in memory. */
export interface FakeMachine extends Machine {
  readonly ran: Ran[];
  readonly spawned: { readonly argv: readonly string[]; readonly log: string }[];
  /** What was changed on disk, in words, in order. */
  readonly changes: string[];
  readonly signals: { readonly pid: number; readonly signal: NodeJS.Signals }[];
  readonly tree: Map<string, Entry>;
  /** Milliseconds of work that each further look at a process finds. */
  readonly work: Map<number, number>;
  /** Puts a process into a namespace that there is. */
  addProcess(namespace: string, info: Partial<ProcessInfo> & { readonly pid: number }): void;
  /** Ends the servers that were spawned with this log. */
  endOf(log: string, words: string): void;
}

export function fakeMachine(setup: FakeSetup = {}): FakeMachine {
  const tree = new Map<string, Entry>([['/', { kind: 'directory', mode: 0o755, uid: 0 }]]);
  const changes: string[] = [];
  const files = fakeFiles(tree, changes);
  const ran: Ran[] = [];
  const spawned: { argv: readonly string[]; log: string }[] = [];
  const signals: { pid: number; signal: NodeJS.Signals }[] = [];
  const ends = new Map<string, (words: string) => void>();
  const work = new Map<number, number>();
  const worked = new Map<number, number>();
  const processes: (ProcessInfo & { readonly inode: number })[] = [];
  for (const directory of ['/proc/sys/net/ipv4', '/etc', ...(setup.directories ?? [])]) plant(tree, directory);
  for (const [file, content] of Object.entries(setup.files ?? {})) {
    plant(tree, parentOf(file));
    tree.set(file, { kind: 'file', content, mode: 0o644, uid: 0 });
  }
  return {
    ...{ ran, spawned, changes, signals, tree, files, work },
    roots: {
      ...{ state: '/var/lib/dbns', run: '/run/dbns', netns: '/run/netns', netnsEtc: '/etc/netns', proc: '/proc' },
    },
    serverUid: 73306,
    isRoot: setup.isRoot ?? true,
    run(argv, options = {}) {
      ran.push({ argv, ...(options.input !== undefined && { input: options.input }) });
      const result = { stdout: '', stderr: '', exitCode: 0, ...setup.answer?.(argv, options) };
      if (result.exitCode === 0 || options.allowFailure === true) return Promise.resolve(result);
      return Promise.reject(new Error(`'${argv.join(' ')}' failed: ${result.stderr}`));
    },
    async removeTrees(trees) {
      for (const one of trees) await files.remove(one);
    },
    stream: () => Promise.reject(new Error('nothing is streamed here')),
    spawn(argv, log) {
      spawned.push({ argv, log });
      return Promise.resolve({ pid: 1000 + spawned.length, exited: new Promise((resolve) => ends.set(log, resolve)) });
    },
    detach: () => Promise.reject(new Error('nothing is detached here')),
    attach: () => Promise.resolve(0),
    lock: (directory) =>
      Promise.resolve(setup.locked?.includes(directory) === true ? null : { release: () => Promise.resolve() }),
    now: () => ({ at: '2026-01-02T03:04:05.000Z', bootId: 'b', uptime: 60_000 }),
    which: (program) => (setup.onPath?.includes(program) === true ? `/usr/bin/${program}` : null),
    reach: (socket) => socket,
    processes: {
      inNamespaces: (inodes) =>
        new Map([...inodes].map((inode) => [inode, processes.filter((info) => info.inode === inode)])),
      usersOf: () => [],
      lockHolder: (directory) =>
        setup.locked?.includes(directory) === true ? { pid: 4711, argv: ['node', 'dbns', 'add', 'x'], age: 3 } : null,
      signal(pid, signal) {
        signals.push({ pid, signal });
        const at = processes.findIndex((info) => info.pid === pid);
        if (at >= 0) processes.splice(at, 1);
      },
      memoryOf: () => null,
      mayRaisePriority: () => true,
      usualPriority: () => undefined,
      workOf(pid) {
        worked.set(pid, (worked.get(pid) ?? 0) + (work.get(pid) ?? 0));
        return worked.get(pid) ?? 0;
      },
      namespaceOf: (pid) => processes.find((info) => info.pid === pid)?.inode ?? null,
      identify: (pid) =>
        processes.some((info) => info.pid === pid) ? { pid, startTime: pid * 10, bootId: 'b' } : null,
    },
    addProcess(namespace, info) {
      const inode = files.stat(`/run/netns/${namespace}`)?.inode ?? 0;
      processes.push({
        parent: 1,
        innerPid: 2,
        depth: 2,
        name: 'mariadbd',
        state: 'S',
        memory: 84 * 1024 * 1024,
        ...info,
        inode,
      });
    },
    endOf: (log, words) => ends.get(log)?.(words),
  };
}

function fakeFiles(tree: Map<string, Entry>, changes: string[]): Files {
  const inodes = new Map<string, number>();
  const children = (directory: string) =>
    [...tree.keys()].filter((path) => path !== '/' && parentOf(path) === directory);
  const below = (root: string) => [...tree.keys()].filter((path) => path === root || path.startsWith(`${root}/`));
  const put = (path: string, entry: Entry) => {
    if (tree.get(parentOf(path))?.kind !== 'directory') throw failure('ENOENT', `no such directory: ${parentOf(path)}`);
    tree.set(path, entry);
  };
  const writeFile = (file: string, content: string, { mode = 0o644, uid = 0 }: WriteOptions = {}) => {
    changes.push(`write ${file}`);
    put(file, { kind: 'file', content, mode, uid });
    return Promise.resolve();
  };
  const files: Files = {
    read(file) {
      const entry = tree.get(file);
      if (entry?.kind === 'directory') throw failure('EISDIR', file);
      return entry?.kind === 'file' ? entry.content : null;
    },
    exists: (file) => (file.endsWith('/.') ? tree.get(file.slice(0, -2))?.kind === 'directory' : tree.has(file)),
    isWritable: (file) => tree.has(file),
    isReadable: (file) => tree.has(file),
    stream: (file) => Readable.from([Buffer.from(files.read(file) ?? '')]),
    writeOwn: () => Promise.reject(new Error('nothing of the caller is written here')),
    list: (directory) =>
      Promise.resolve(
        children(directory)
          .map((path): EntryInfo => ({
            name: path.slice(path.lastIndexOf('/') + 1),
            kind: tree.get(path)?.kind ?? 'other',
          }))
          .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
      ),
    readLink(file) {
      const entry = tree.get(file);
      return Promise.resolve(entry?.kind === 'link' ? entry.target : null);
    },
    stat(path) {
      const entry = tree.get(path.replace(/\/\.$/, ''));
      if (entry === undefined) return null;
      if (!inodes.has(path)) inodes.set(path, 4026532000 + inodes.size);
      return { size: entry.kind === 'file' ? entry.content.length : 0, mtimeMs: 0, inode: inodes.get(path) ?? 0 };
    },
    tree: (directory) =>
      below(directory).flatMap((path) => {
        const entry = tree.get(path);
        const file = { path: path.slice(directory.length + 1), mtimeMs: 0 };
        return entry?.kind === 'file' ? [{ ...file, size: entry.content.length }] : [];
      }),
    diskUsage: () => Promise.resolve(0),
    free: () => Promise.resolve(10 * 1024 ** 3),
    mkdir(directory, { mode = 0o755, uid = 0 } = {}) {
      changes.push(`mkdir ${directory}`);
      put(directory, { kind: 'directory', mode, uid });
      return Promise.resolve();
    },
    mkdirAll(directory) {
      if (tree.has(directory)) return Promise.resolve(undefined);
      changes.push(`mkdir ${directory}`);
      plant(tree, directory);
      return Promise.resolve(directory);
    },
    write: writeFile,
    append(file, content, mode) {
      const before = tree.get(file);
      return writeFile(file, `${before?.kind === 'file' ? before.content : ''}${content}`, { mode });
    },
    writeKernel: (file, content) => writeFile(file, content),
    replace: async (file, content, options) => {
      await writeFile(file, content, options);
      changes.push(`sync ${file}`, `sync ${parentOf(file)}`);
    },
    sync(path) {
      changes.push(`sync ${path}`);
      return tree.has(path) ? Promise.resolve() : Promise.reject(failure('ENOENT', path));
    },
    rename(from, to) {
      changes.push(`rename ${from} ${to}`);
      const moved = below(from).map((path) => [path, tree.get(path)] as const);
      if (moved.length === 0) return Promise.reject(failure('ENOENT', from));
      for (const [path] of moved) tree.delete(path);
      for (const [path, entry] of moved) if (entry !== undefined) tree.set(`${to}${path.slice(from.length)}`, entry);
      return Promise.resolve();
    },
    remove(file) {
      const doomed = below(file);
      if (doomed.length > 0) changes.push(`remove ${file}`);
      for (const path of doomed) tree.delete(path);
      return Promise.resolve();
    },
    removeEmpty(directory) {
      if (children(directory).length > 0) return Promise.resolve(false);
      if (tree.delete(directory)) changes.push(`remove ${directory}`);
      return Promise.resolve(true);
    },
    copyFile(from, to) {
      const entry = tree.get(from);
      return entry?.kind === 'file' ? writeFile(to, entry.content) : Promise.reject(failure('ENOENT', from));
    },
  };
  return files;
}

function plant(tree: Map<string, Entry>, directory: string): void {
  if (tree.has(directory)) return;
  plant(tree, parentOf(directory));
  tree.set(directory, { kind: 'directory', mode: 0o755, uid: 0 });
}

function parentOf(file: string): string {
  return file.slice(0, Math.max(1, file.lastIndexOf('/')));
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
