import type { Machine } from '../../host/machine.js';
import { clusterNames } from '../../state/clusters.js';
import { isUnfinished } from '../../state/rules.js';
import { renewRules } from '../ground/change-rules.js';
import { dropLostLinks } from '../ground/lost-links.js';
import { takeOffAllEnded } from './detach.js';

/**
 * What whoever looks at clusters does first: what has gone by itself leaves nothing. What stays all the same is tried again
 * by the next one, and keeps nobody from looking.
 */
export async function dropLost(machine: Machine): Promise<void> {
  if (!machine.isRoot) return;
  await dropLostLinks(machine).catch(() => undefined);
  await takeOffAllEnded(machine).catch(() => undefined);
  for (const name of await clusterNames(machine).catch(() => []))
    if (isUnfinished(machine, name)) await renewRules(machine, name).catch(() => undefined);
}
