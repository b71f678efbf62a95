import path from 'node:path';
import { value } from './cluster.js';
import { dbns, query, socketOf, uriOf } from './machine.js';
import { insertNumber, numbersOn } from './mongo.js';
import { run, type CommandResult } from './command.js';

/** Makes the cluster that drivers interrupt: two nodes, and a table that is empty. */
export async function createCut(topology: string, image: string, words: readonly string[] = []): Promise<void> {
  await dbns([topology, 'create', 'cut', '--nodes', '2', '--image', image, ...words]);
  if (topology === 'mongo') return;
  for (const sql of ['CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY) ENGINE = InnoDB'])
    await query(socketOf('cut', 'node1'), sql);
}

/** A row more on the node of the two that takes writes. */
export async function insertIntoCut(topology: string, id: number): Promise<void> {
  if (topology === 'mongo') {
    await insertNumber(await uriOf('cut'), id, { w: 'majority' });
    return;
  }
  const [first = '', second = ''] = ['node1', 'node2'].map((node) => socketOf('cut', node));
  const writer = (await value(first, 'SELECT @@GLOBAL.read_only')) === 0 ? first : second;
  await query(writer, `INSERT INTO d.t VALUES (${id})`);
}

/** How many rows a node has. */
export async function countInCut(topology: string, node: string): Promise<number> {
  if (topology === 'mongo') return (await numbersOn(await uriOf('cut', node))).length;
  return (await query(socketOf('cut', node), 'SELECT id FROM d.t')).length;
}

/** Runs one of drivers/ in a process of its own, with what it is about as CUT_SPEC; however that ends. */
export function drive(driver: string, words: readonly (string | number)[], spec: object): Promise<CommandResult> {
  const program = path.join(import.meta.dirname, '../drivers', driver);
  return run([process.execPath, program, ...words.map(String)], {
    expectExit: 'any',
    env: { CUT_SPEC: JSON.stringify(spec), NODE_OPTIONS: undefined },
  });
}

/** One that had less to do this time (what stands already is not made again, what is waited for comes sooner) ends before its moment comes. */
export function isOver(said: string, moment: number): boolean {
  return said !== '' && (JSON.parse(said) as { moments: readonly string[] }).moments.length < moment;
}
