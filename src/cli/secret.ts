import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { InterruptedError } from '../errors/errors.js';

/** A password: typed on the terminal without being shown, or all of stdin but the end of its last line. */
export async function readSecret(question: string): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '');
  process.stderr.write(question);
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await new Promise((resolve, reject) => {
      terminal.once('line', resolve);
      terminal.once('SIGINT', () => {
        reject(new InterruptedError('SIGINT', 'nothing was changed'));
      });
      terminal.once('close', () => {
        resolve('');
      });
    });
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
