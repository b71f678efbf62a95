import type { Document } from '../../../servers/mongod/client.js';

/**
 * Changes of a set's configuration, as the next of the configurations that lead to what is wanted; null when it is that
 * already. From 4.4 on one reconfiguration adds, removes or changes one voter at most; for earlier versions that is fine
 * too. Source: the manual's "replSetReconfig".
 */
export type Change = (config: Document) => Document | null;

/** What a member's own part of the configuration says, by which it is known. */
interface Entry extends Document {
  readonly host: string;
  readonly votes?: number;
  readonly priority?: number;
}

const entriesOf = (config: Document) => config.members as readonly Entry[];
const isVoter = ({ votes = 1 }: Entry) => votes > 0;

/** All without a vote come together, then those with one, each by itself; each gets a number of its own. */
export function withMembers(wanted: readonly Document[]): Change {
  return (config) => {
    const present = entriesOf(config);
    const missing = (wanted as readonly Entry[]).filter(({ host }) => !present.some((entry) => entry.host === host));
    const silent = missing.filter((entry) => !isVoter(entry));
    const next = silent.length > 0 ? silent : missing.slice(0, 1);
    if (next.length === 0) return null;
    const ids = present.map(({ _id }) => Number(_id));
    return { ...config, members: [...present, ...numbered(next, ids)] };
  };
}

/** Numbers go on from the highest, as the vendor's shell gives them; the server takes them up to 255. */
function numbered(entries: readonly Entry[], taken: readonly number[]): readonly Document[] {
  const used = [...taken];
  return entries.map((entry) => {
    const next = Math.max(-1, ...used) + 1;
    const id = next <= 255 ? next : Array.from({ length: 256 }, (_, free) => free).find((free) => !used.includes(free));
    used.push(id ?? next);
    return { _id: id ?? next, ...entry };
  });
}

/** Votes and priorities, one member a configuration; `wanted` are whole entries. */
export function withVotes(wanted: readonly Document[]): Change {
  const byHost = new Map((wanted as readonly Entry[]).map((entry) => [entry.host, entry]));
  return (config) => {
    const present = entriesOf(config);
    const other = present.find((entry) => {
      const target = byHost.get(entry.host);
      return target !== undefined && (target.votes !== entry.votes || target.priority !== entry.priority);
    });
    if (other === undefined) return null;
    const { votes, priority } = byHost.get(other.host) ?? other;
    return { ...config, members: present.map((entry) => (entry === other ? { ...entry, votes, priority } : entry)) };
  };
}

/** All without a vote leave together, then those with one, each by itself. */
export function withoutMembers(hosts: readonly string[]): Change {
  return (config) => {
    const present = entriesOf(config);
    const leaving = present.filter(({ host }) => hosts.includes(host));
    const silent = leaving.filter((entry) => !isVoter(entry));
    const next = silent.length > 0 ? silent : leaving.slice(0, 1);
    if (next.length === 0) return null;
    return { ...config, members: present.filter((entry) => !next.includes(entry)) };
  };
}

/** Changes one after another. */
export function inTurn(...changes: readonly Change[]): Change {
  return (config) => {
    for (const change of changes) {
      const next = change(config);
      if (next !== null) return next;
    }
    return null;
  };
}
