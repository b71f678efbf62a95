import { LeftoverError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { isBroken, type SavedCluster } from '../../state/clusters.js';
import { underMachineLock } from '../context.js';
import { findThings } from '../removal/find-things.js';
import { inWords } from '../leftover.js';
import {
  belongsTo,
  commandFor,
  idsNamed,
  journalOf,
  sortThings,
  titleOf,
  type Owner,
  type Thing,
} from '../removal/things.js';
import { undo } from '../removal/undo.js';
import { lookAmongClusters } from './among-clusters.js';
import { FIX, type Remnant } from './remnant.js';

/** Things named or marked as clusters' are, that no known cluster has. */
export async function findStrays(machine: Machine): Promise<readonly Remnant[]> {
  const { marked, unmarked } = await look(machine);
  return [
    ...[...marked].map(([id, things]) => ({
      found: describe(id, things),
      advice: FIX,
      remove: () => removeMarked(machine, id),
    })),
    ...unmarked.map((thing) => ({
      found: `${titleOf(thing)}, which bears no mark of dbns`,
      advice: [commandFor(thing)],
    })),
  ];
}

/** What the machine has and no cluster. */
async function look(machine: Machine) {
  const { seen, known } = await lookAmongClusters(machine, () => findThings(machine));
  const owners = known.flatMap((saved) => ownersIn(machine, saved, seen));
  return sortThings(seen.filter((thing) => !owners.some((owner) => belongsTo(machine, owner, thing))));
}

/** A broken cluster has the ids that things with its name bear. */
function ownersIn(machine: Machine, saved: SavedCluster, things: readonly Thing[]): readonly Owner[] {
  if (!isBroken(saved)) return [saved];
  const { name } = saved;
  return [null, ...idsNamed(machine, name, things)].map((id) => ({ id, name }));
}

function describe(id: string, things: readonly Thing[]): string {
  const titles = things.map(titleOf);
  const more = titles.length > TOLD ? `, and ${titles.length - TOLD} more` : '';
  return `with the mark of a cluster that is gone (${id}): ${titles.slice(0, TOLD).join(', ')}${more}`;
}

const TOLD = 6;

/** The walk of `destroy`, with a journal made from what is there. Under the machine's lock no cluster begins. */
async function removeMarked(machine: Machine, id: string): Promise<void> {
  await underMachineLock(machine, async () => {
    const things = (await look(machine)).marked.get(id) ?? [];
    const leftovers = await undo(machine, id, journalOf(things));
    if (leftovers.length === 0) return;
    throw new LeftoverError(leftovers.map(inWords).join('; '));
  });
}
