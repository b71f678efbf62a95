import type { Found, RoutesNow } from '../lifecycle/keeping/routes-now.js';

/** How often a server may be late with its answer before clients are led away from it: a busy machine is no illness. */
const LATE = 2;

/** What servers say; for one that is late what it said before. */
export function patience() {
  const last = new Map<string, { readonly said: Found; readonly late: number }>();
  return ({ found, silent }: RoutesNow): ReadonlyMap<string, Found> => {
    for (const [name, said] of found) {
      const before = last.get(name);
      const isExcused = silent.has(name) && before !== undefined && before.late < LATE;
      last.set(name, isExcused ? { said: before.said, late: before.late + 1 } : { said, late: 0 });
    }
    return new Map([...found.keys()].map((name) => [name, last.get(name)?.said ?? 'missing']));
  };
}
