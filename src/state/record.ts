import * as v from 'valibot';
import { messageOf } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';

/** What a kind of state file is. The next version is a row in `upgrades` and a new schema. */
export interface Format<T extends object> {
  /** The one that is written; a newer one is refused rather than misread. */
  readonly version: number;
  readonly schema: v.GenericSchema<unknown, T>;
  /** By version: makes the next one's content out of it. A file that names no version is of version 0. */
  readonly upgrades?: Readonly<Record<number, (content: unknown) => unknown>>;
}

/** A state file as it was found; `why` is a sentence that names the file. */
export type Recorded<T> =
  | { readonly kind: 'whole'; readonly content: T }
  | { readonly kind: 'absent' }
  | { readonly kind: 'damaged'; readonly why: string; readonly text: string };

/** Reads a state file: the one place that does. Never throws; what to do about damage is for who knows what the file is. */
export function readRecord<T extends object>(machine: Machine, file: string, format: Format<T>): Recorded<T> {
  let text: string | null;
  try {
    text = machine.files.read(file);
  } catch (error) {
    return { kind: 'damaged', why: messageOf(error), text: '' };
  }
  if (text === null) return { kind: 'absent' };
  const content = contentOf(text, format);
  return typeof content === 'string'
    ? { kind: 'damaged', why: `${file} ${content}.`, text }
    : { kind: 'whole', content };
}

/** Replaces a state file for good, whatever was in its place. */
export async function writeRecord<T extends object>(
  machine: Machine,
  file: string,
  format: Format<T>,
  content: T,
): Promise<void> {
  if (machine.files.exists(`${file}/.`)) await machine.files.remove(file);
  await machine.files.replace(file, textOf(format, content));
}

/** The text of a state file. */
export function textOf<T extends object>({ version }: Format<T>, content: T): string {
  return `${JSON.stringify({ version, ...content }, null, 2)}\n`;
}

/** What the text says; or what is wrong with it, the end of a sentence. */
function contentOf<T extends object>(text: string, { version, schema, upgrades = {} }: Format<T>): T | string {
  if (text.trim() === '') return 'is empty';
  const parsed = parse(text);
  if (parsed === undefined) return 'is cut or garbled: it is no JSON';
  const found = versionOf(parsed);
  if (found > version) return `is of a newer dbns: its version is ${found}, and this dbns knows ${version}`;
  let content: unknown = parsed;
  for (let at = found; at < version; at++) content = upgrades[at]?.(content);
  const { success, output, issues } = v.safeParse(schema, content);
  if (success) return output;
  const [issue] = issues;
  return `is damaged: ${[v.getDotPath(issue), issue.message].filter((part) => part !== null).join(': ')}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function versionOf(content: unknown): number {
  const named = typeof content === 'object' && content !== null && 'version' in content ? content.version : 0;
  return typeof named === 'number' ? named : 0;
}
