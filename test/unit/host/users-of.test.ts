import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { localProcesses } from '../../../src/host/processes.js';

const started: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

async function running(argv: readonly string[]): Promise<number> {
  const [program = '', ...words] = argv;
  const child = spawn(program, words, { stdio: 'ignore' });
  started.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
}

test('what is about to become a bubblewrap with a place is a user of it, and nobody who merely names it', async () => {
  const place = `/nowhere/draft-${process.pid}`;
  const onItsWay = await running([
    '/bin/sh',
    '-c',
    'sleep 100; exec "$@"',
    'dbns',
    '1',
    'bwrap',
    '--bind',
    place,
    place,
  ]);
  await running(['/bin/sh', '-c', 'sleep 100; exec "$@"', 'dbns', '1', 'ls', place]);
  await running(['/bin/sh', '-c', 'sleep 100; exec "$@"', 'dbns', '1', 'bwrap', '--', 'ls', place]);
  // The shell's child is as the shell until it is `sleep`.
  await expect.poll(() => localProcesses.usersOf([place], 73_306)).toEqual([onItsWay]);
});
