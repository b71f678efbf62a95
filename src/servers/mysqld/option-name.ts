/** What a server takes an option's key for. */
export interface OptionName {
  /** With underscores, in lower case, without prefixes, and in full when dbns knows the option. */
  readonly name: string;
  /** `skip_` or `disable_` stood before it. */
  readonly isNegated: boolean;
}

/** Source: mysys/my_getopt.cc, special_opt_prefix. */
const PREFIX = /^(skip|disable|enable|maximum|loose)_/;

/** The server reads `a-b` and `a_b` as the same option. */
export function normalised(key: string): string {
  return key.replaceAll('-', '_').toLowerCase();
}

/**
 * Reads a key as the server does: without its prefixes, of which it takes several; and shortened, as long as that is not
 * ambiguous. `known` are the options that matter here.
 */
export function readName(key: string, known: Iterable<string>): OptionName {
  let name = normalised(key);
  let isNegated = false;
  for (let prefix = PREFIX.exec(name); prefix !== null; prefix = PREFIX.exec(name)) {
    isNegated ||= prefix[1] === 'skip' || prefix[1] === 'disable';
    name = name.slice(prefix[0].length);
  }
  const candidates = [...known].filter((full) => full.startsWith(name));
  const full = candidates.includes(name) || name.length < 3 ? name : (candidates[0] ?? name);
  return { name: full, isNegated };
}

/** Whether an option's value, or no value at all, turns it on. */
export function isOn(value: string | null): boolean {
  return !/^["']?(0|off|false|no)["']?$/i.test(value ?? 'on');
}
