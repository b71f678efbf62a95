import { NotFoundError, UsageError } from '../../../errors/errors.js';
import type { Machine } from '../../../host/machine.js';
import { wishIds } from '../../../state/wishes.js';
import { requireRoot, type Context } from '../../context.js';
import { removeWish } from '../../removal/standby.js';

/** What was stopped. */
export interface StoppedStandby {
  readonly id: string;
  /** Names of the clusters that stood by, and are gone. */
  readonly clusters: readonly string[];
}

/**
 * Takes wishes back, and their standbys away; clusters that were made of such stay. No ids: the only one.
 * @throws UsageError when there are several and none was named; NotFoundError.
 */
export async function stopStandbys(
  ids: readonly string[],
  all: boolean,
  { machine, observer }: Context,
): Promise<readonly StoppedStandby[]> {
  requireRoot(machine, ['standby stop', ...ids, ...(all ? ['--all'] : [])].join(' '));
  const stopped: StoppedStandby[] = [];
  for (const id of await select(machine, ids, all)) {
    stopped.push({ id, clusters: await removeWish({ machine, observer }, id) });
  }
  return stopped;
}

async function select(machine: Machine, ids: readonly string[], all: boolean): Promise<readonly string[]> {
  if (all && ids.length > 0) throw new UsageError('Either ids or --all.');
  const there = await wishIds(machine);
  const known = there.length === 0 ? 'There is none at all.' : `There are: ${there.join(', ')}.`;
  for (const id of ids) {
    if (!there.includes(id)) throw new NotFoundError(`There is no standby '${id}'. ${known}`);
  }
  if (all) return there;
  if (ids.length > 0) return [...new Set(ids)];
  if (there.length > 1) throw new UsageError(`Which standby? ${known}`, { suggestions: ['dbns standby stop --all'] });
  if (there.length === 0) throw new NotFoundError('There is no standby.');
  return there;
}
