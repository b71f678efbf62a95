import type { ClusterEvent } from '../cluster/event.js';
import type { Past } from '../lifecycle/watch/watch.js';

/**
 * What was recorded and what logs tell, in the order of time. Each of both keeps its own order, whatever was done to the clock;
 * what a log tells to the second comes after all that was recorded in that second.
 */
export function mergePast({ recorded, logged }: Past): readonly ClusterEvent[] {
  const merged: ClusterEvent[] = [];
  let next = 0;
  for (const verb of recorded) {
    const time = Date.parse(verb.at);
    for (; next < logged.length; next++) {
      const entry = logged[next];
      if (entry === undefined || entry.latest > time) break;
      merged.push(entry.transition);
    }
    merged.push(verb);
  }
  return [...merged, ...logged.slice(next).map(({ transition }) => transition)];
}
