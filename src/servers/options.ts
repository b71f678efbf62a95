import type { ServerOption } from '../cluster/cluster.js';
import { UsageError } from '../errors/errors.js';

/** Which options a server of a kind can be given. */
export interface OptionRules {
  readonly form: RegExp;
  /** What is said of a key that has not this form, after its name. */
  readonly otherwise: string;
  /** Why an option can't be given, after its name, without a full stop; null when it can. */
  readonly refusal: (option: ServerOption) => string | null;
}

/** @throws UsageError for the options that a user can't give, each in a line with the place where it stands. */
export function assertAllowed(options: readonly ServerOption[], rules: OptionRules): void {
  const complaints = options.flatMap((option) => {
    const complaint = complaintOf(option, rules);
    return complaint === null ? [] : [option.origin === undefined ? complaint : `${option.origin}: ${complaint}`];
  });
  if (complaints.length > 0) throw new UsageError(complaints.join('\n'));
}

function complaintOf(option: ServerOption, { form, otherwise, refusal }: OptionRules): string | null {
  const { key, value } = option;
  if (!form.test(key)) return `'${key}' ${otherwise}`;
  if (value !== null && /[\n\r\0]/.test(value)) return `The value of '${key}' has a line break.`;
  const why = refusal(option);
  return why === null ? null : `'${key}' ${why}.`;
}
