import type { Readable, Writable } from 'node:stream';
import type { Moment } from '../cluster/moment.js';
import type { Files } from './files.js';
import type { Lock, LockOptions } from './lock.js';
import type { OwnFile } from './own-file.js';
import type { ProcessTable } from './processes.js';

export type { OwnFile };

/** Where things are on a machine; no other module knows such a path by itself. */
export interface Roots {
  /** What outlives a reboot: clusters, images, pristine directories. */
  readonly state: string;
  /** Sockets. */
  readonly run: string;
  /** Where `ip netns` keeps namespaces. */
  readonly netns: string;
  /** Files that `ip netns exec` binds over those in /etc. */
  readonly netnsEtc: string;
  readonly proc: string;
}

export interface RunOptions {
  readonly input?: string;
  /** The result is returned whatever the exit code. */
  readonly allowFailure?: boolean;
  /** Ends the command when aborted. */
  readonly signal?: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line that the command writes to stderr. */
  readonly onLine?: (line: string) => void;
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Between which streams a command runs. */
export interface StreamOptions {
  /** What it reads; destroyed afterwards. Nothing when absent. */
  readonly input?: Readable;
  /** Where its stdout goes, and which is not ended by that. Nowhere when absent. */
  readonly output?: Writable;
  /** Kills the command when aborted. */
  readonly signal?: AbortSignal;
}

/** How a command ended, and the last that it wrote to stderr. */
export type StreamResult = Omit<RunResult, 'stdout'>;

/** What a program has of who called. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The working directory. */
  readonly directory: string;
}

/** A process that goes on without us. */
export interface Spawned {
  readonly pid: number;
  /** Resolves when it ends while we are still here; never rejects. */
  readonly exited: Promise<string>;
}

export interface AttachOptions {
  /**
   * The program's whole environment but for PATH. With it nothing comes from the caller but the three streams: no other
   * open file, no working directory. Without it the program has what the caller has.
   */
  readonly environment?: Readonly<Record<string, string>>;
  /** What is added to the caller's environment, where it has that. */
  readonly adding?: Readonly<Record<string, string>>;
  /** Called with each line of its stdout instead of passing the stream on. */
  readonly onLine?: (line: string) => void;
  /** The same of its stderr. */
  readonly onErrorLine?: (line: string) => void;
  /** It has nothing to read: its stdin is at its end. */
  readonly noInput?: boolean;
  /** The file that its stdout goes to instead. */
  readonly into?: OwnFile;
  /** It is asked to end when aborted. */
  readonly signal?: AbortSignal;
}

/** All that differs between machines, and the only door to one. argv arrays only: no shell ever reads a name. */
export interface Machine {
  readonly roots: Roots;
  /** uid and gid of the servers, in no passwd file: no account of the machine has it. */
  readonly serverUid: number;
  readonly isRoot: boolean;
  /**
   * Runs a command to its end. It dies with us, and a Ctrl-C in our terminal does not reach it; nor does an open file of
   * the caller's, or the working directory.
   * @throws MachineError when the program is not there; CommandError when it fails and that was not allowed.
   */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /**
   * Removes trees, several at a time: a disk that is told of each block that gets free is waited for. Absent means done.
   * @throws as `files.remove` does.
   */
  removeTrees(trees: readonly string[]): Promise<void>;
  /**
   * The same between streams, of whatever size: it returns the result whatever the exit code. What fails on the way kills the
   * command before the end of its input is shown to it.
   * @throws MachineError when the program is not there; the error of a stream; the signal's reason when aborted.
   */
  stream(argv: readonly string[], options: StreamOptions): Promise<StreamResult>;
  /**
   * Starts a process in a session of its own, stdout and stderr appended to `log`. With the name of a network namespace
   * it resolves when the process is in there, where it is found again; with null the process dies with us. It has nothing
   * of the caller's: no open file, and no environment but a PATH, no working directory where no surroundings are given.
   */
  spawn(argv: readonly string[], log: string, namespace: string | null, surroundings?: Surroundings): Promise<Spawned>;
  /** The same of one that goes on without us, in the machine's own namespace. */
  detach(argv: readonly string[], log: string): Promise<Spawned>;
  /** Runs a command on our own streams and passes signals on; resolves with its exit code (128 + n after signal n). */
  attach(argv: readonly string[], options?: AttachOptions): Promise<number>;
  /** Takes the kernel's lock on a directory; it ends with us. Null when it is held and that is not to be waited for. */
  lock(directory: string, options?: LockOptions): Promise<Lock | null>;
  /** Where a program is, on our PATH or in the system's directories; null when it is in neither. */
  which(program: string): string | null;
  /** The path by which a driver here gets to the socket of a node there. */
  reach(socket: string): string;
  now(): Moment;
  readonly files: Files;
  readonly processes: ProcessTable;
}
