import * as v from 'valibot';
import type { Machine } from '../host/machine.js';
import { clusterDirectory } from './places.js';
import { readRecord, textOf, type Format } from './record.js';

/** What makes a cluster a standby: that it is formed for whoever asks next, and that nobody created it yet. */
export interface StandbyMark {
  /** The id of the wish that it was formed for. */
  readonly wish: string;
  /** By which images, servers and dbns it was formed, as a hash. */
  readonly build: string;
}

const MARK: Format<StandbyMark> = { version: 1, schema: v.object({ wish: v.string(), build: v.string() }) };

/** By the mark alone, whatever its cluster.json says, or can't say. */
export function isStandby(machine: Machine, cluster: string): boolean {
  return machine.files.exists(fileIn(clusterDirectory(machine, cluster)));
}

/** Null for what is no standby; one whose mark can't be read is for nobody. */
export function loadMark(machine: Machine, cluster: string): StandbyMark | null {
  const found = readRecord(machine, fileIn(clusterDirectory(machine, cluster)), MARK);
  if (found.kind === 'absent') return null;
  return found.kind === 'whole' ? found.content : { wish: '', build: '' };
}

/** @param draft the directory of the draft: no cluster becomes a standby later */
export async function saveMark(machine: Machine, draft: string, mark: StandbyMark): Promise<void> {
  await machine.files.replace(fileIn(draft), textOf(MARK, mark));
}

/** With this a standby becomes somebody's cluster, for good: one name that is there or not. */
export async function forgetMark(machine: Machine, cluster: string): Promise<void> {
  const directory = clusterDirectory(machine, cluster);
  await machine.files.remove(fileIn(directory));
  await machine.files.sync(directory);
}

function fileIn(directory: string): string {
  return `${directory}/standby.json`;
}
