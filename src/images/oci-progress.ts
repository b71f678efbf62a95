import { MachineError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { megabytes } from './room.js';

/** Milliseconds between two looks at a copy that goes on. */
const INTERVAL = 3000;

/** A copy that goes on. */
export interface Copy {
  /** What comes is put below it. */
  readonly directory: string;
  /** How much is to come. */
  readonly bytes: number;
  /** For people, who gives it: `The registry of …`. */
  readonly giver: string;
  /** Milliseconds without anything new after which it is given up. */
  readonly silence: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (line: string) => void;
}

/**
 * Runs a copy, and tells how far it is. A connection may stay for ever when the other side is gone: `copying` is aborted
 * when nothing new came for too long.
 * @throws MachineError then.
 */
export async function watchCopy(
  machine: Machine,
  { directory, bytes, giver, silence, signal, onProgress }: Copy,
  copying: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const giveUp = new AbortController();
  let last = { copied: 0, at: Date.now() };
  const look = async () => {
    // Absent, or on its way from one name to another.
    const copied = await machine.files.diskUsage(directory).catch(() => last.copied);
    if (copied !== last.copied) last = { copied, at: Date.now() };
    onProgress?.(`copied ${megabytes(copied)} of ${megabytes(bytes)}`);
    if (Date.now() - last.at >= silence) giveUp.abort(silent(giver, silence, { copied, bytes }));
  };
  const timer = setInterval(() => void look(), Math.min(INTERVAL, silence));
  const signals = signal === undefined ? [giveUp.signal] : [giveUp.signal, signal];
  await copying(AbortSignal.any(signals)).finally(() => {
    clearInterval(timer);
  });
}

function silent(giver: string, silence: number, { copied, bytes }: { copied: number; bytes: number }): MachineError {
  return new MachineError(
    `${giver} gave nothing for ${silence / 1000} s, after ${megabytes(copied)} of ${megabytes(bytes)}.`,
    { suggestions: ['Type the same command again; --timeout says how long to wait.'] },
  );
}
