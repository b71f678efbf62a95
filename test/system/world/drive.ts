import path from 'node:path';
import { dbns, query, socketOf } from './machine.js';
import { run, type CommandResult } from './command.js';

/** Makes the cluster that drivers interrupt: two nodes, and a table that is empty. */
export async function createCut(topology: string, image: string, words: readonly string[] = []): Promise<void> {
  await dbns([topology, 'create', 'cut', '--nodes', '2', '--image', image, ...words]);
  for (const sql of ['CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY) ENGINE = InnoDB'])
    await query(socketOf('cut', 'node1'), sql);
}

/** Runs one of drivers/ in a process of its own, with what it is about as CUT_SPEC; however that ends. */
export function drive(driver: string, words: readonly (string | number)[], spec: object): Promise<CommandResult> {
  const program = path.join(import.meta.dirname, '../drivers', driver);
  return run([process.execPath, program, ...words.map(String)], {
    expectExit: 'any',
    env: { CUT_SPEC: JSON.stringify(spec), NODE_OPTIONS: undefined },
  });
}
