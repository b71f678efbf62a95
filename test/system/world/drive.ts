import path from 'node:path';
import { run, type CommandResult } from './command.js';

/** Runs one of drivers/ in a process of its own, with what it is about as CUT_SPEC; however that ends. */
export function drive(driver: string, words: readonly (string | number)[], spec: object): Promise<CommandResult> {
  const program = path.join(import.meta.dirname, '../drivers', driver);
  return run([process.execPath, program, ...words.map(String)], {
    expectExit: 'any',
    env: { CUT_SPEC: JSON.stringify(spec), NODE_OPTIONS: undefined },
  });
}
