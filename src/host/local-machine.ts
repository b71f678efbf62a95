import { spawn as spawnChild, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import { createInterface } from 'node:readline';
import { now } from './clock.js';
import { withoutDescriptors } from './descriptors.js';
import { localFiles } from './files.js';
import { lacks } from './lacks.js';
import { lockDirectory } from './lock.js';
import { openOwnFile } from './own-file.js';
import type { AttachOptions, Machine, Spawned, Surroundings } from './machine.js';
import { localProcesses } from './processes.js';
import { searchPath, which } from './search-path.js';
import { streamCommand } from './stream.js';
import { withUs } from './with-us.js';

/**
 * The servers' uid and gid. Linux distributions leave 65536 to 99999 to nobody: users, services and dynamic users are
 * below, the ranges for containers above (systemd's "Users, Groups, UIDs and GIDs").
 */
const SERVER_UID = 73306;

const ROOTS = {
  state: '/var/lib/dbns',
  run: '/run/dbns',
  netns: '/run/netns',
  netnsEtc: '/etc/netns',
  proc: '/proc',
};

/** The machine that dbns runs on. */
export const localMachine: Machine = {
  roots: ROOTS,
  serverUid: SERVER_UID,
  isRoot: process.getuid?.() === 0,
  // Commands that only look at files and sockets (status, list) start faster without execa.
  run: async (argv, options) => (await import('./run.js')).runCommand(argv, options),
  removeTrees: async (trees) => (await import('./remove-trees.js')).removeTrees(trees),
  stream: streamCommand,
  spawn: spawnServer,
  detach: (argv, log) => spawnAlone(withoutDescriptors(argv), log),
  attach,
  lock: lockDirectory,
  now,
  which,
  reach: (socket) => socket,
  files: localFiles,
  processes: localProcesses,
};

async function spawnServer(
  argv: readonly string[],
  log: string,
  namespace: string | null,
  surroundings?: Surroundings,
): Promise<Spawned> {
  const alone = withoutDescriptors(argv);
  const spawned = await spawnAlone(namespace === null ? withUs(alone) : alone, log, surroundings);
  if (namespace !== null) await untilInside(spawned.child, `${ROOTS.netns}/${namespace}`);
  return spawned;
}

async function spawnAlone(
  [program = '', ...words]: readonly string[],
  log: string,
  { environment, directory }: Surroundings = { environment: {}, directory: '/' },
): Promise<Spawned & { readonly child: ChildProcess }> {
  const stream = fs.openSync(log, 'a', 0o640);
  const child = spawnChild(program, words, {
    detached: true,
    stdio: ['ignore', stream, stream],
    cwd: directory,
    env: { ...environment, PATH: searchPath() },
  });
  fs.closeSync(stream);
  const exited = once(child, 'exit').then(([code, signal]) =>
    code === null ? String(signal) : `exit code ${String(code)}`,
  );
  await once(child, 'spawn').catch((error: unknown) => {
    throw lacks(program, error);
  });
  child.unref();
  return { pid: child.pid ?? 0, exited, child };
}

/** A rollback looks for servers in their namespaces: one that is still on its way there would survive it. */
async function untilInside(child: ChildProcess, namespace: string): Promise<void> {
  const inode = localFiles.stat(namespace)?.inode;
  while (
    child.exitCode === null &&
    child.signalCode === null &&
    localFiles.stat(`/proc/${child.pid}/ns/net`)?.inode !== inode
  ) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const FROM_TERMINAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT']);
const PASSED_ON = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const;

/** Programs that are attached now: on many nodes there are as many. */
const attached = new Set<ChildProcess>();

/** A terminal sends Ctrl-C to programs itself; we only must not die before them. */
function passOn(signal: NodeJS.Signals): void {
  if (process.stdin.isTTY && FROM_TERMINAL.has(signal)) return;
  for (const child of attached) child.kill(signal);
}

async function attach(
  argv: readonly string[],
  { environment, adding, onLine, onErrorLine, noInput = false, into, signal: ending }: AttachOptions = {},
): Promise<number> {
  const fill = into === undefined ? null : await openOwnFile(into);
  const [program = '', ...words] = environment === undefined ? argv : withoutDescriptors(argv);
  const child = spawnChild(program, words, {
    stdio: [
      noInput ? 'ignore' : 'inherit',
      onLine === undefined && fill === null ? 'inherit' : 'pipe',
      onErrorLine === undefined ? 'inherit' : 'pipe',
    ],
    env: { ...(environment ?? { ...process.env, ...adding }), PATH: searchPath() },
    ...(environment !== undefined && { cwd: '/' }),
  });
  if (attached.size === 0) for (const signal of PASSED_ON) process.on(signal, passOn);
  attached.add(child);
  if (child.stdout !== null && onLine !== undefined) createInterface(child.stdout).on('line', onLine);
  if (child.stderr !== null && onErrorLine !== undefined) createInterface(child.stderr).on('line', onErrorLine);
  const filled = child.stdout === null ? undefined : fill?.(child.stdout);
  ending?.addEventListener('abort', () => child.kill());
  // Where nothing can be written any more, nothing is to be read.
  filled?.catch(() => child.kill());
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    await filled;
    return code ?? 128 + (signal === null ? 0 : os.constants.signals[signal]);
  } catch (error) {
    throw lacks(program, error);
  } finally {
    attached.delete(child);
    if (attached.size === 0) for (const signal of PASSED_ON) process.off(signal, passOn);
  }
}
