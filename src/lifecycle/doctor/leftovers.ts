import type { Machine } from '../../host/machine.js';
import { guarded, ok, problem, warning, type Check } from './diagnosis.js';
import { findDamagedPristines, findDrafts, findPartialImages, findPristineDrafts } from './drafts.js';
import { findOrphans } from './orphans.js';
import { fixAll, type Fixed } from './fix.js';
import type { Remnant } from './remnant.js';
import { findSharedDamage, findStaleUsers } from './shared-users.js';
import { findStranded } from './stranded.js';
import { findStrays } from './strays.js';
import type { Survey } from './survey.js';

type Finder = (machine: Machine) => Promise<readonly Remnant[]>;

/** In the order in which they are removed: what clusters share goes last. One after another: they try the same locks. */
const FINDERS: readonly Finder[] = [
  findStrays,
  findOrphans,
  findStranded,
  findDrafts,
  findPristineDrafts,
  findDamagedPristines,
  findPartialImages,
  findSharedDamage,
  findStaleUsers,
];

const NAME = 'leftovers';

/** What runs that were cut short left behind. */
export async function checkLeftovers({ machine }: Survey): Promise<readonly Check[]> {
  const found: Check[] = [];
  for (const find of FINDERS) found.push(...(await guarded(NAME, () => tell(machine, find))));
  return [...(found.length > 0 ? found : [ok(NAME, 'none')]), ...(await checkKeptLogs(machine))];
}

async function tell(machine: Machine, find: Finder): Promise<readonly Check[]> {
  const remnants = await find(machine);
  return remnants.map(({ found, advice, grave }) => (grave === true ? problem : warning)(NAME, found, advice));
}

/** Removes what is surely ours; one that can't be removed does not keep the others. */
export async function removeLeftovers(machine: Machine): Promise<Fixed> {
  const results: Fixed[] = [];
  for (const find of FINDERS) {
    const remnants = await find(machine).catch(() => []); // told by the check that comes after the removal
    const faults = remnants.flatMap(({ found, remove }) => (remove === undefined ? [] : { found, fix: remove }));
    results.push(await fixAll(NOT_REMOVED, faults));
  }
  return { fixed: results.flatMap(({ fixed }) => fixed), failed: results.flatMap(({ failed }) => failed) };
}

/** The name of the checks that say what could not be removed. */
export const NOT_REMOVED = 'not removed';

async function checkKeptLogs(machine: Machine): Promise<readonly Check[]> {
  const directory = `${machine.roots.state}/failed`;
  const { length } = await machine.files.list(directory);
  return length === 0 ? [] : [ok('kept logs', `of ${length} creates that failed, in ${directory}`)];
}
