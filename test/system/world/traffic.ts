import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { run } from './command.js';
import type { Place } from './places.js';

const PROBE = [process.execPath, fileURLToPath(new URL('./probe.mjs', import.meta.url))];

/** Listens on a TCP port of a place (all its addresses) until stopped, and tells each client its address. */
export async function answerAt(place: Place, port: number): Promise<{ stop(): Promise<void> }> {
  const [program = '', ...words]: string[] = [...place, ...PROBE, 'answer', String(port)];
  const server = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  await Promise.race([
    once(server.stdout, 'data'),
    once(server, 'close').then(() => {
      throw new Error(`Nothing can listen on port ${port} there.`);
    }),
  ]);
  return {
    async stop() {
      const closed = once(server, 'close');
      server.stdin.end();
      await closed;
    },
  };
}

/** The address as which a place is seen by who answers there; null when no answer comes within `timeout` ms. */
export async function askFrom(place: Place, address: string, port: number, timeout = 60_000): Promise<string | null> {
  const argv = [...place, ...PROBE, 'ask', address, String(port), String(timeout)];
  const { exitCode, stdout } = await run(argv, { expectExit: 'any' });
  return exitCode === 0 ? stdout : null;
}

/** Nobody of dbns listens there. */
const PORT = 7070;

/** The address by which a place is seen from another, under one of its addresses; null where nothing comes. */
export async function seenFrom(from: Place, to: Place, address: string): Promise<string | null> {
  const server = await answerAt(to, PORT);
  try {
    return await askFrom(from, address, PORT, 2000);
  } finally {
    await server.stop();
  }
}

/** `open`, or why a connection can't be made: `ECONNREFUSED` at once, `no answer` after `timeout` ms. */
export async function knockFrom(place: Place, address: string, port: number, timeout = 10_000): Promise<string> {
  const { stdout } = await run([...place, ...PROBE, 'knock', address, String(port), String(timeout)]);
  return stdout.trim();
}
