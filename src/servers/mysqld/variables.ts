import type { ServerOption } from '../../cluster/cluster.js';
import { messageOf } from '../../errors/errors.js';
import { isRefusal, numberOf } from '../said.js';
import type { Row, Session } from './client.js';
import type { Family } from './dialects.js';
import { isOn, normalised } from './option-name.js';
import { unquoted } from './options.js';

/** A global variable of a server. */
export interface Variable {
  /** Lower case. */
  readonly name: string;
  readonly value: string | null;
  /** Null where the server does not tell it: MySQL does not. */
  readonly default: string | null;
  readonly origin: string;
  readonly isChanged: boolean;
}

/** Sources: refman "The performance_schema variables_info Table"; mariadb.com/kb "Information Schema SYSTEM_VARIABLES Table". */
const STATEMENTS: Readonly<Record<Family, string>> = {
  mysql: `SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value, NULL AS fallback, VARIABLE_SOURCE AS origin
    FROM performance_schema.global_variables JOIN performance_schema.variables_info USING (VARIABLE_NAME)`,
  mariadb: `SELECT VARIABLE_NAME AS name, GLOBAL_VALUE AS value, DEFAULT_VALUE AS fallback, GLOBAL_VALUE_ORIGIN AS origin
    FROM information_schema.SYSTEM_VARIABLES WHERE GLOBAL_VALUE_ORIGIN IS NOT NULL`,
};
/** Said by nobody: the server's own, or sized by the machine. */
const UNSAID = new Set(['COMPILED', 'COMPILE-TIME', 'AUTO']);

/** All global variables. */
export async function askVariables(session: Session, family: Family): Promise<readonly Variable[]> {
  return (await session.query(STATEMENTS[family])).map(readVariable);
}

/** That of an option's key; undefined where the server knows none. */
export async function askVariable(session: Session, family: Family, key: string): Promise<Variable | undefined> {
  return (await askVariables(session, family)).find(({ name }) => name === variableName(key));
}

export function readVariable(row: Row): Variable {
  const text = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : null);
  const [value, fallback] = [text(row.value), text(row.fallback)];
  const origin = text(row.origin) ?? '';
  return {
    name: (text(row.name) ?? '').toLowerCase(),
    value,
    default: fallback,
    origin,
    isChanged: !UNSAID.has(origin) && (fallback === null || value !== fallback),
  };
}

/** What a server made of an assignment. */
export type Assigned =
  | { readonly is: 'set' }
  /** It takes that at its start only, or knows no such variable, or not by this way. */
  | { readonly is: 'static'; readonly why: string }
  | { readonly is: 'refused'; readonly why: string };

/** Source: refman "Server Error Message Reference"; MariaDB has the same numbers. */
const WRONG_TYPE = 1232;
const WRONG_VALUE = new Set([1231, WRONG_TYPE]);

/** The server's own name of a variable, out of the key of an option. */
export function variableName(key: string): string {
  return normalised(key).replace(/^(loose_)+/, '');
}

/** @param value as an option file has it, e.g. `64M`; null is the server's default */
export async function assign(session: Session, key: string, value: string | null): Promise<Assigned> {
  const literals = value === null ? [DEFAULT] : literalsOf(value);
  for (const [position, literal] of literals.entries()) {
    try {
      await session.query(`SET GLOBAL ${variableName(key)} = ${literal.sql}`, literal.values);
      break;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const number = numberOf(error) ?? 0;
      if (number === WRONG_TYPE && position < literals.length - 1) continue;
      return { is: WRONG_VALUE.has(number) ? 'refused' : 'static', why: messageOf(error) };
    }
  }
  return { is: 'set' };
}

interface Literal {
  readonly sql: string;
  readonly values: readonly string[];
}

const DEFAULT: Literal = { sql: 'DEFAULT', values: [] };

/** A number where it can be one, else text: a variable of text takes no number, and the other way round. */
export function literalsOf(value: string): readonly Literal[] {
  const text = unquoted(value);
  const asText = { sql: '?', values: [text] };
  const number = numberIn(text);
  return number === null ? [asText] : [{ sql: number, values: [] }, asText];
}

const UNITS = 'KMGTPE';

/** `64M` → `67108864`, as option files have sizes; null for what is no number. */
export function numberIn(text: string): string | null {
  const [, digits, unit] = /^([+-]?\d+)([KMGTPE])?$/i.exec(text) ?? [];
  if (digits === undefined) return /^[+-]?\d*\.\d+$/.test(text) ? text : null;
  if (unit === undefined) return digits;
  return String(BigInt(digits) * 1024n ** BigInt(UNITS.indexOf(unit.toUpperCase()) + 1));
}

/** Whether a variable has the value that an option file gives it, as far as that can be told by the two texts. */
export function isSameValue(wanted: string, now: string | null): boolean {
  if (now === null) return false;
  const [ours, theirs] = [unquoted(wanted), now];
  if (ours.toLowerCase() === theirs.toLowerCase()) return true;
  const [a, b] = [numberIn(ours), numberIn(theirs)];
  if (a !== null && b !== null) return Number(a) === Number(b);
  return SWITCH.test(ours) && SWITCH.test(theirs) && isOn(ours) === isOn(theirs);
}

const SWITCH = /^(on|off|1|0|true|false|yes|no)$/i;

/** The words for a server's command line. */
export function optionWord({ key, value }: Pick<ServerOption, 'key' | 'value'>): string {
  return value === null ? `--${key}` : `--${key}=${unquoted(value)}`;
}
