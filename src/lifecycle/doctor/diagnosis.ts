import { DbnsError, messageOf } from '../../errors/errors.js';

/** `warning`: clusters can be made, with something missing. `problem`: they can't. */
export type CheckState = 'ok' | 'warning' | 'problem';

/** One requirement: what it is, how it stands, what was found, and what to type. */
export interface Check {
  readonly name: string;
  readonly state: CheckState;
  readonly found: string;
  readonly advice: readonly string[];
}

/** What `doctor` found, and what it removed. */
export interface Diagnosis {
  readonly checks: readonly Check[];
  readonly fixed: readonly string[];
}

export function ok(name: string, found: string, advice: readonly string[] = []): Check {
  return { name, state: 'ok', found, advice };
}

export function warning(name: string, found: string, advice: readonly string[] = []): Check {
  return { name, state: 'warning', found, advice };
}

export function problem(name: string, found: string, advice: readonly string[] = []): Check {
  return { name, state: 'problem', found, advice };
}

/** What only root can look at. */
export function unseen(name: string): Check {
  return warning(name, 'not looked at: only root can');
}

/** A look that throws is a problem of its own, and keeps nobody else from looking. */
export async function guarded(name: string, look: () => Promise<readonly Check[]>): Promise<readonly Check[]> {
  try {
    return await look();
  } catch (error) {
    return [problem(name, messageOf(error), adviceOf(error))];
  }
}

/** Less the advice to call the doctor, who is here. */
export function adviceOf(error: unknown): readonly string[] {
  return error instanceof DbnsError ? error.suggestions.filter((suggestion) => suggestion !== 'dbns doctor') : [];
}
