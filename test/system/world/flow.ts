import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { run } from './command.js';
import type { Place } from './places.js';

const FLOW = [process.execPath, fileURLToPath(new URL('./flow.mjs', import.meta.url))];
/** Nobody listens there: the kernel counts each packet that comes, however busy anybody is. */
const CLOSED = '9';

/** Sends small packets from a place to an address, and tells how many came to the place that has it. */
export async function arrivalsOf(count: number, from: Place, to: Place, address: string): Promise<number> {
  const before = await noPorts(to);
  await run([...from, ...FLOW, 'send', address, CLOSED, String(count)]);
  return untilStill(to, before);
}

/** Some may wait in a queue still. */
async function untilStill(place: Place, before: number): Promise<number> {
  for (let last = -1; ;) {
    const now = await noPorts(place);
    if (now === last) return now - before;
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** UDP packets to ports at which nobody listens, since the namespace was made. */
async function noPorts(place: Place): Promise<number> {
  const { stdout } = await run([...place, 'cat', '/proc/net/snmp']);
  const [names = '', values = ''] = stdout.split('\n').filter((line) => line.startsWith('Udp: '));
  return Number(values.split(' ')[names.split(' ').indexOf('NoPorts')]);
}

/** Bits of payload a second that TCP brings from a place to another, for so many milliseconds. */
export async function speedOf(milliseconds: number, from: Place, to: Place, address: string): Promise<number> {
  const port = '7001';
  const [program = '', ...words]: string[] = [...to, ...FLOW, 'sink', port];
  const sink = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  sink.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(sink, 'close');
  await Promise.race([once(sink.stdout, 'data'), ended]);
  await run([...from, ...FLOW, 'stream', address, port, String(milliseconds)]);
  await ended;
  return Number(said.trim().split('\n').at(-1));
}
