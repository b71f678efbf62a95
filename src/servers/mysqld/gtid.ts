import type { Family } from './dialects.js';

/** What can be told of two sets of GTIDs, as texts of their server. */
export interface Gtids {
  /** What `set` has and `other` has not; empty when there is nothing. */
  readonly subtract: (set: string, other: string) => string;
  readonly union: (sets: readonly string[]) => string;
  /** How many transactions `set` has that `other` has not. */
  readonly count: (set: string, other: string) => number;
  /** What of a set one server has made: by its server_uuid in MySQL, its server_id in MariaDB. */
  readonly madeBy: (set: string, server: string) => string;
}

type Interval = readonly [first: number, last: number];
/** `UUID` or `UUID:TAG` → intervals, sorted, none touching another. */
type IntervalSet = ReadonlyMap<string, readonly Interval[]>;

/** `UUID:1-3:7,UUID:TAG:1-2`. Source: dev.mysql.com/doc/refman "GTID Format and Storage". */
const MYSQL: Gtids = {
  subtract: (set, other) => formatIntervals(subtractIntervals(parseIntervals(set), parseIntervals(other))),
  union: (sets) => formatIntervals(parseIntervals(sets.join(','))),
  count: (set, other) =>
    [...subtractIntervals(parseIntervals(set), parseIntervals(other)).values()]
      .flat()
      .reduce((sum, [first, last]) => sum + last - first + 1, 0),
  madeBy: (set, server) =>
    formatIntervals(new Map([...parseIntervals(set)].filter(([key]) => key.split(':')[0] === server.toLowerCase()))),
};

/** Each GTID of a set of MySQL's: `UUID:1`, `UUID:2` … */
export function singleGtids(set: string): readonly string[] {
  return [...parseIntervals(set)].flatMap(([key, intervals]) =>
    intervals.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, position) => `${key}:${first + position}`),
    ),
  );
}

function parseIntervals(text: string): IntervalSet {
  const found = new Map<string, Interval[]>();
  for (const part of text.split(',').map((piece) => piece.trim().toLowerCase())) {
    const [uuid = '', ...words] = part.split(':');
    let key = uuid;
    for (const word of words) {
      const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? [];
      if (first === undefined) key = `${uuid}:${word}`;
      else found.set(key, [...(found.get(key) ?? []), [Number(first), Number(last)]]);
    }
  }
  return new Map([...found].map(([key, intervals]) => [key, merged(intervals)]));
}

function merged(intervals: readonly Interval[]): readonly Interval[] {
  const result: Interval[] = [];
  for (const [first, last] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const before = result.at(-1);
    if (before !== undefined && first <= before[1] + 1)
      result[result.length - 1] = [before[0], Math.max(before[1], last)];
    else result.push([first, last]);
  }
  return result;
}

function subtractIntervals(set: IntervalSet, other: IntervalSet): IntervalSet {
  const rest = [...set].map(([key, intervals]) => [key, without(intervals, other.get(key) ?? [])] as const);
  return new Map(rest.filter(([, intervals]) => intervals.length > 0));
}

function without(intervals: readonly Interval[], holes: readonly Interval[]): readonly Interval[] {
  return holes.reduce<readonly Interval[]>(
    (left, [from, to]) =>
      left.flatMap(([first, last]): Interval[] => {
        const pieces: Interval[] = [
          [first, Math.min(last, from - 1)],
          [Math.max(first, to + 1), last],
        ];
        return pieces.filter(([begin, end]) => begin <= end);
      }),
    intervals,
  );
}

function formatIntervals(set: IntervalSet): string {
  const parts = [...set].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = ([first, last]: Interval) => (first === last ? String(first) : `${first}-${last}`);
  return parts.map(([key, intervals]) => [key, ...intervals.map(text)].join(':')).join(',');
}

/** `DOMAIN-SERVER` → the last number that this server gave out in this domain. */
type States = ReadonlyMap<string, number>;

/** `DOMAIN-SERVER-NUMBER,…`, as gtid_binlog_state has it. Source: mariadb.com/kb "Global Transaction ID". */
const MARIADB: Gtids = {
  subtract: (set, other) => {
    const known = parseStates(other);
    return formatStates(new Map([...parseStates(set)].filter(([key, last]) => last > (known.get(key) ?? 0))));
  },
  union: (sets) => formatStates(parseStates(sets.join(','))),
  count: (set, other) => {
    const [ours, theirs] = [lastByDomain(set), lastByDomain(other)];
    const ahead = [...ours].reduce((sum, [domain, last]) => sum + Math.max(0, last - (theirs.get(domain) ?? 0)), 0);
    // Two servers that gave out the same numbers in one domain have parted.
    return Math.max(
      ahead,
      MARIADB.subtract(set, other)
        .split(',')
        .filter((entry) => entry !== '').length,
    );
  },
  madeBy: (set, server) => formatStates(new Map([...parseStates(set)].filter(([key]) => key.split('-')[1] === server))),
};

function parseStates(text: string): States {
  const found = new Map<string, number>();
  for (const [, key = '', last = ''] of text.matchAll(/(\d+-\d+)-(\d+)/g)) {
    found.set(key, Math.max(found.get(key) ?? 0, Number(last)));
  }
  return found;
}

function lastByDomain(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [key, last] of parseStates(text)) {
    const domain = key.split('-')[0] ?? '';
    found.set(domain, Math.max(found.get(domain) ?? 0, last));
  }
  return found;
}

function formatStates(states: States): string {
  return [...states]
    .map(([key, last]) => `${key}-${last}`)
    .sort()
    .join(',');
}

export const GTIDS: Readonly<Record<Family, Gtids>> = { mysql: MYSQL, mariadb: MARIADB };
