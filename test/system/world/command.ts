import { spawn, type ChildProcess } from 'node:child_process';
import os from 'node:os';

export interface CommandOptions {
  /** What it reads; null leaves its stdin open, for `child.stdin`. */
  readonly input?: string | null;
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds after which it is killed and the test fails: it hangs then; 20 min. */
  readonly timeout?: number;
  /** The exit code without which the test fails; 0. */
  readonly expectExit?: number | 'any';
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** 128 + n after signal n. */
  readonly exitCode: number;
}

export interface RunningCommand {
  /** Leads a process group: `process.kill(-child.pid!, 'SIGINT')` is what Ctrl-C in a terminal does. */
  readonly child: ChildProcess;
  /** When it ended and nobody holds its streams any more. */
  readonly result: Promise<CommandResult>;
}

/** Runs a command to its end. */
export function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return start(argv, options).result;
}

export function start(argv: readonly string[], options: CommandOptions = {}): RunningCommand {
  const [program = '', ...words] = argv;
  const child = spawn(program, words, { detached: true, env: { ...process.env, ...options.env } });
  child.stdin.on('error', () => undefined); // it may end without having read
  if (options.input !== null) child.stdin.end(options.input ?? '');
  return { child, result: finish(child, argv.join(' '), options) };
}

function finish(child: ChildProcess, line: string, options: CommandOptions): Promise<CommandResult> {
  const { timeout = 1_200_000, expectExit = 0 } = options;
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      // Of itself 'close' may never come: whoever inherited its streams keeps them open.
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
      reject(failure(line, `did not end in ${timeout} ms`, output));
    }, timeout);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const exitCode = code ?? 128 + os.constants.signals[signal ?? 'SIGKILL'];
      if (expectExit === 'any' || exitCode === expectExit) resolve({ ...output, exitCode });
      else reject(failure(line, `ended with ${exitCode}, not ${expectExit}`, output));
    });
  });
}

function failure(line: string, what: string, { stdout, stderr }: Omit<CommandResult, 'exitCode'>): Error {
  return new Error(`\`${line}\` ${what}.\nstdout: ${stdout}\nstderr: ${stderr}`);
}
