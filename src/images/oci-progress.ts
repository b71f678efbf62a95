import type { Machine } from '../host/machine.js';
import { megabytes } from './room.js';

/** Milliseconds between two words about a copy that goes on. */
const INTERVAL = 3000;

/** Tells how much of `bytes` is in `directory`, for as long as `copying` takes. */
export async function tellProgress(
  machine: Machine,
  { directory, bytes, onProgress }: { directory: string; bytes: number; onProgress?: (line: string) => void },
  copying: Promise<unknown>,
): Promise<void> {
  const tell = async () => {
    // Absent, or on its way from one name to another.
    const copied = await machine.files.diskUsage(directory).catch(() => null);
    if (copied !== null) onProgress?.(`copied ${megabytes(copied)} of ${megabytes(bytes)}`);
  };
  const timer = setInterval(() => void tell(), INTERVAL);
  await copying.finally(() => {
    clearInterval(timer);
  });
}
