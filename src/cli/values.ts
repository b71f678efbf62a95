import os from 'node:os';
import type { ClusterSpec, ServerOption } from '../cluster/cluster.js';
import { parseDuration } from '../cluster/duration.js';
import { ROLES, type Role } from '../lifecycle/reach/roles.js';
import { messageOf, UsageError } from '../errors/errors.js';

const UNITS: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** `64M`, `1G`, `512K`, or bytes. */
export function parseSize(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([KMG])?(?:i?B)?$/i.exec(text) ?? [];
  if (digits === undefined) throw new UsageError(`'${text}' is not a size: write it like 64M or 1G.`);
  return Math.floor(Number(digits) * (UNITS[unit?.toUpperCase() ?? ''] ?? 1));
}

/** `KILL`, `SIGTERM`, `9`. */
export function parseSignal(text: string): NodeJS.Signals {
  const name = text.toUpperCase().replace(/^(SIG)?/, 'SIG');
  const found = Object.entries(os.constants.signals).find(([key, number]) => key === name || String(number) === text);
  if (found === undefined) throw new UsageError(`'${text}' is not a signal: write it like KILL or TERM.`);
  return found[0] as NodeJS.Signals;
}

/** What a node is looked for to do. */
export function parseRole(text: string): Role {
  const role = ROLES.find((one) => one === text);
  if (role === undefined) throw new UsageError(`--role ${text}: one node is looked for by ${ROLES.join(', ')}.`);
  return role;
}

/** A regular expression; upper and lower case are the same while it has none of the upper. */
export function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text, /\p{Lu}/u.test(text) ? '' : 'i');
  } catch (error) {
    throw new UsageError(`'${text}' is not a regular expression: ${messageOf(error)}.`, { cause: error });
  }
}

/** `key=value`, or a key alone. */
export function parseOption(text: string): ServerOption {
  const at = text.indexOf('=');
  return at < 0
    ? { key: text.trim(), value: null }
    : { key: text.slice(0, at).trim(), value: text.slice(at + 1).trim() };
}

/** `--delay node3=1h` and the like: node → seconds. */
export function delaysByNode(words: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(byNode('--delay', words).map(([node, text]) => [node, parseDuration(text) / 1000]));
}

/** `node3=VALUE`, as flags have it that are about one node. */
export function byNode(flag: string, words: readonly string[]): readonly (readonly [node: string, value: string])[] {
  return words.map((text) => {
    const [, node, value] = /^(node\d+)=(.+)$/.exec(text) ?? [];
    if (node === undefined || value === undefined) throw new UsageError(`${flag} ${text}: write it like node3=VALUE.`);
    return [node, value];
  });
}

/** `--ip node1=10.50.0.10`: node → address. */
export function addressesByNode(words: readonly string[]): Readonly<Record<string, string>> {
  return onceByNode('--ip', 'addresses', words);
}

/** The same of a create, which has `--ip FIRST-LAST` besides, once, or `--ip dhcp`. */
export function addressesOf(words: readonly string[]): Pick<ClusterSpec, 'addresses' | 'addressRange' | 'dhcp'> {
  const isRange = (word: string) => !word.includes('=') && word.includes('-');
  const [range, ...more] = words.filter(isRange);
  if (more.length > 0) throw new UsageError('--ip: there is one range, from the first address to the last.');
  const addresses = addressesByNode(words.filter((word) => !isRange(word) && word !== 'dhcp'));
  return {
    addresses,
    ...(words.includes('dhcp') && { dhcp: true }),
    ...(range !== undefined && { addressRange: range }),
  };
}

/** `--zone node1=a`: node → zone. */
export function zonesByNode(words: readonly string[]): Readonly<Record<string, string>> {
  return onceByNode('--zone', 'zones', words);
}

function onceByNode(flag: string, what: string, words: readonly string[]): Readonly<Record<string, string>> {
  const pairs = byNode(flag, words);
  const again = pairs.find(([node], at) => pairs.findIndex(([other]) => other === node) < at);
  if (again !== undefined) throw new UsageError(`${flag}: two ${what} are given for ${again[0]}.`);
  return Object.fromEntries(pairs);
}

/** `node1,node2`, as flags have it that are about several nodes. */
export function namesIn(flag: string, text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return [...new Set(names)];
  throw new UsageError(`${flag} '${text}': write names with a comma between: node1,node2.`);
}
