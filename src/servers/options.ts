import type { ServerOption } from '../cluster/cluster.js';
import { UsageError } from '../errors/errors.js';

/** Which options a server of a kind can be given. */
export interface OptionRules {
  readonly form: RegExp;
  /** What is said of a key that has not this form, after its name. */
  readonly otherwise: string;
  /** Options that make a node what it is: dbns sets them itself. */
  readonly isOwned: (key: string) => boolean;
}

/** @throws UsageError for the first option that a user can't give. */
export function assertAllowed(options: readonly ServerOption[], { form, otherwise, isOwned }: OptionRules): void {
  for (const { key, value } of options) {
    if (!form.test(key)) throw new UsageError(`'${key}' ${otherwise}`);
    if (value !== null && /[\n\r\0]/.test(value)) throw new UsageError(`The value of '${key}' has a line break.`);
    if (isOwned(key)) throw new UsageError(`'${key}' is set by dbns itself and can't be given.`);
  }
}
