import { GTIDS } from '../../servers/mysqld/gtid.js';
import type { View } from './member.js';

/**
 * The members by which the group goes on, by name, out of what all say whose servers run: those that are ONLINE and
 * reach more than half of their view. For a few seconds a member believes that it reaches one that was killed; here it
 * is known who lives.
 */
export function standing(views: ReadonlyMap<string, View>): readonly string[] {
  const living = new Set([...views.values()].filter((view) => isInGroup(view)).map(({ id }) => id));
  const stands = ({ state, peers, members }: View) =>
    state === 'ONLINE' && peers.filter((id) => living.has(id)).length * 2 > members;
  return [...views].flatMap(([name, view]) => (stands(view) ? [name] : []));
}

/** Whether a member is in a group, with a quorum or without. */
export function isInGroup(view: Pick<View, 'state'> | undefined): boolean {
  return view?.state === 'ONLINE' || view?.state === 'RECOVERING';
}

/**
 * The view of the group when some have left it, in order where their servers run; one that died, or is cut off, counts
 * until it is expelled. Null when no member has a quorum now.
 */
export function viewWithout(
  views: ReadonlyMap<string, View>,
  leaving: readonly string[],
): { readonly members: number; readonly reached: number } | null {
  const names = standing(views);
  const view = views.get(names.find((name) => !leaving.includes(name)) ?? names[0] ?? '');
  if (view === undefined) return null;
  const inIt = (name: string) => {
    const other = views.get(name);
    return isInGroup(other) && view.peers.includes(other?.id ?? '');
  };
  const present = [...views.keys()].filter(inIt);
  const staying = present.filter((name) => !leaving.includes(name));
  return { members: view.members - (present.length - staying.length), reached: staying.length };
}

/** What one has that another has not. */
export interface Own {
  readonly name: string;
  readonly gtids: string;
}

/** Who has all that the others have, of equals the first, out of GTID sets by name; else two that have parted. */
export function mostAdvanced(sets: ReadonlyMap<string, string>): string | readonly [Own, Own] {
  const lacks = (name: string, other: string) => GTIDS.mysql.subtract(sets.get(other) ?? '', sets.get(name) ?? '');
  const names = [...sets.keys()];
  const whole = names.find((name) => names.every((other) => lacks(name, other) === ''));
  if (whole !== undefined) return whole;
  const pairs = names.flatMap((one) => names.map((other) => [one, other] as const));
  const [one, other] = pairs.find(([a, b]) => lacks(a, b) !== '' && lacks(b, a) !== '') ?? ['', ''];
  return [
    { name: one, gtids: lacks(other, one) },
    { name: other, gtids: lacks(one, other) },
  ];
}
