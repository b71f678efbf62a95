import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runCommand } from '../../../src/host/run.js';

test('a command that is not waited for any more ends with all that it started', async () => {
  const ending = new AbortController();
  const lines: string[] = [];
  // The shell dies of the first signal, and what it started has its pipes.
  const command = runCommand(['sh', '-c', 'sleep 600 & echo $! >&2; wait'], {
    signal: ending.signal,
    onLine: (line) => {
      lines.push(line);
      ending.abort(new Error('enough'));
    },
  });
  await expect(command).rejects.toThrow('enough');
  await expect.poll(() => existsSync(`/proc/${lines[0] ?? ''}/exe`)).toBe(false);
});
