import * as v from 'valibot';
import type { ClusterSpec } from '../cluster/cluster.js';
import type { Machine } from '../host/machine.js';
import { PROCESS } from './processes.js';
import { readRecord, textOf, writeRecord, type Format } from './record.js';

/** Which standbys are wanted: what `dbns standby start` said. */
export interface Wish {
  /** `s1`, `s2` … */
  readonly id: string;
  /** The words of a `create` that takes one, as people type them. */
  readonly words: string;
  readonly spec: ClusterSpec;
  /** How many are to be ready. */
  readonly ready: number;
  /** Milliseconds that the servers of one may take. */
  readonly timeout: number;
}

/** Why the last one did not come up. */
export interface WishFailure {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly message: string;
}

const WISH: Format<Wish> = {
  version: 1,
  schema: v.object({
    id: v.string(),
    words: v.string(),
    // Whoever plans by it reads its words as it does those of a call.
    spec: v.custom<ClusterSpec>((spec) => typeof spec === 'object' && spec !== null && 'topology' in spec),
    ready: v.number(),
    timeout: v.number(),
  }),
};
const MAKER = { version: 1, schema: v.object({ process: PROCESS }) };
const FAILURE: Format<WishFailure> = { version: 1, schema: v.object({ at: v.string(), message: v.string() }) };

/** Where a wish is; the kernel's lock on this directory is held by who makes its standbys. */
export function wishDirectory(machine: Machine, id: string): string {
  return `${wishesDirectory(machine)}/${id}`;
}

/** Ids of all wishes, in order; also of those that can't be read. */
export async function wishIds(machine: Machine): Promise<readonly string[]> {
  const entries = await machine.files.list(wishesDirectory(machine));
  return entries.map(({ name }) => name).filter((name) => /^s\d+$/.test(name));
}

/** Null when there is none, or none that can be read. */
export function loadWish(machine: Machine, id: string): Wish | null {
  const found = readRecord(machine, `${wishDirectory(machine, id)}/wish.json`, WISH);
  return found.kind === 'whole' ? found.content : null;
}

export async function loadWishes(machine: Machine): Promise<readonly Wish[]> {
  return (await wishIds(machine)).flatMap((id) => loadWish(machine, id) ?? []);
}

export async function saveWish(machine: Machine, wish: Wish): Promise<void> {
  await machine.files.mkdirAll(wishesDirectory(machine));
  await machine.files.mkdir(wishDirectory(machine, wish.id));
  await writeRecord(machine, `${wishDirectory(machine, wish.id)}/wish.json`, WISH, wish);
}

/** The last one takes the directory of all along. */
export async function forgetWish(machine: Machine, id: string): Promise<void> {
  await machine.files.remove(wishDirectory(machine, id));
  await machine.files.removeEmpty(wishesDirectory(machine));
}

/** Who was started last to make its standbys; null when nobody was. */
export function loadMaker(machine: Machine, id: string): v.InferOutput<typeof PROCESS> | null {
  const found = readRecord(machine, makerFile(machine, id), MAKER);
  return found.kind === 'whole' ? found.content.process : null;
}

export async function noteMaker(machine: Machine, id: string, process: v.InferOutput<typeof PROCESS>): Promise<void> {
  await machine.files.write(makerFile(machine, id), textOf(MAKER, { process }));
}

export function loadFailure(machine: Machine, id: string): WishFailure | null {
  const found = readRecord(machine, failureFile(machine, id), FAILURE);
  return found.kind === 'whole' ? found.content : null;
}

/** Null: the last one came up. Of a wish that was taken back meanwhile nothing is kept. */
export async function noteFailure(machine: Machine, id: string, failure: WishFailure | null): Promise<void> {
  if (!machine.files.exists(wishDirectory(machine, id))) return;
  if (failure === null) await machine.files.remove(failureFile(machine, id));
  else await writeRecord(machine, failureFile(machine, id), FAILURE, failure);
}

function failureFile(machine: Machine, id: string): string {
  return `${wishDirectory(machine, id)}/failure.json`;
}

function makerFile(machine: Machine, id: string): string {
  return `${wishDirectory(machine, id)}/maker.json`;
}

function wishesDirectory(machine: Machine): string {
  return `${machine.roots.state}/standby`;
}
