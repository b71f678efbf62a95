import type { Cluster } from '../cluster/cluster.js';
import type { LineMeaning } from '../servers/log.js';

/** By what it shows that a node's state changed: in what is asked of it, and in its log. A part of a topology. */
export interface Transitions {
  readonly words: readonly StateWord[];
  /** What lines of a log mean, besides what all servers of the kind write; `nameOf` is of a node at an address. */
  meanings(nameOf: NameOf): readonly LineMeaning[];
}

/** HOST or HOST:PORT → the name of the node, else what was given. */
export type NameOf = (address: string) => string;

/** A part of a node's state: a key of its `status`, or of each entry of a list there. */
export interface StateWord {
  /** As users read it. */
  readonly what: string;
  readonly key: string;
  /** The list in `status`, and the key in its entries that tells whom each is about. */
  readonly list?: { readonly key: string; readonly of: string };
  /** The key beside it that says why it is so, if anything does. */
  readonly why?: string;
}

/** One thing of a node's state as it is now. */
export interface StateNow {
  readonly what: string;
  readonly of: string | null;
  readonly value: string | null;
  readonly why: string | null;
}

/** All that makes a node's state, as it says. */
export function stateIn({ words }: Transitions, status: Readonly<Record<string, unknown>>): readonly StateNow[] {
  return words.flatMap(({ what, key, list, why }) => {
    const entries = list === undefined ? [status] : status[list.key];
    if (!Array.isArray(entries)) return [];
    return (entries as readonly Readonly<Record<string, unknown>>[]).map((entry) => ({
      what,
      of: list === undefined ? null : textOf(entry[list.of]),
      value: textOf(entry[key]),
      why: why === undefined ? null : textOf(entry[why]),
    }));
  });
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

/** Names of nodes by their addresses. */
export function namerOf({ nodes }: Pick<Cluster, 'nodes'>): NameOf {
  const names = new Map(nodes.map(({ name, address }) => [address, name]));
  return (address) => names.get(address.replace(/:\d+$/, '')) ?? address;
}
