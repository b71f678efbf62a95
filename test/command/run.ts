import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { format } from 'node:util';
import { inject, vi } from 'vitest';

/** What a call of dbns did. */
export interface Result {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface Program {
  run(argv: readonly string[]): Promise<string | null>;
}

interface Loader {
  readonly load: (file: string, words: readonly string[]) => { readonly exports: Program };
}

let loaded: Program | null = null;

/** The program as it is built, in this process. */
function program(): Program {
  const root = inject('packageRoot');
  const { load } = createRequire(import.meta.url)(`${root}/bin/compiled.js`) as Loader;
  loaded ??= load(`${root}/dist/program/main.cjs`, []).exports;
  return loaded;
}

/** Calls dbns in this process. For words that touch nothing: dry runs, bad flags, help. */
export async function dbns(...argv: readonly string[]): Promise<Result> {
  const [stdout, stderr] = [capture(process.stdout, 'log'), capture(process.stderr, 'error')];
  const listeners = SIGNALS.map((signal) => [signal, new Set(process.listeners(signal))] as const);
  const before = process.exitCode;
  process.exitCode = undefined;
  // As users have it: oclif warns developers of more.
  const environment = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await program().run(argv);
    return { exitCode: exitCodeNow(), stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    process.exitCode = before;
    process.env.NODE_ENV = environment;
    for (const [signal, old] of listeners) {
      for (const listener of process.listeners(signal)) if (!old.has(listener)) process.off(signal, listener);
    }
    stdout.restore();
    stderr.restore();
  }
}

function exitCodeNow(): number {
  return Number(process.exitCode ?? 0);
}

/** What is written to a stream, be it by way of the console, which is vitest's own here. */
function capture(stream: NodeJS.WriteStream, method: 'log' | 'error') {
  const texts: string[] = [];
  const spies = [
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      texts.push(String(text));
      return true;
    }),
    vi.spyOn(console, method).mockImplementation((...words) => {
      texts.push(`${format(...words)}\n`);
    }),
  ];
  return {
    text: () => texts.join(''),
    restore: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}

export const isRoot = process.getuid?.() === 0;

/** `setpriv` makes an unprivileged user of root; others are that already. */
export const unprivileged = isRoot ? ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'] : [];

/** Calls dbns in a process of its own without root. */
export function unprivilegedDbns(...argv: readonly string[]): Result {
  const root = inject('packageRoot');
  return execute([...unprivileged, process.execPath, `${root}/bin/run.js`, ...argv]);
}

/** Whether an unprivileged user can read this tree at all: under /root it can't. */
export function isReadable(): boolean {
  return (
    execute([
      ...unprivileged,
      process.execPath,
      '-e',
      `require(${JSON.stringify(import.meta.dirname + '/../../package.json')})`,
    ]).exitCode === 0
  );
}

function execute([program = '', ...words]: readonly string[]): Result {
  const home = { HOME: '/nonexistent', XDG_CACHE_HOME: '/nonexistent', XDG_DATA_HOME: '/nonexistent' };
  const env = { PATH: process.env.PATH, ...home, NODE_ENV: 'production' };
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', env, cwd: '/', input: '' });
  return { exitCode: status ?? -1, stdout, stderr };
}
