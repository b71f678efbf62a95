import { parsePool } from '../../cluster/subnet.js';
import type { Machine } from '../../host/machine.js';
import { requireRoot } from '../context.js';
import { dropLost } from '../removal/lost.js';
import { guarded, type Check, type Diagnosis } from './diagnosis.js';
import { checkFirewalls } from './firewalls.js';
import { checkImages } from './images.js';
import { checkKernel } from './kernel.js';
import { checkLeftovers, NOT_REMOVED, removeLeftovers } from './leftovers.js';
import { checkKeepers, mendKeepers } from './keepers.js';
import { checkNetworks, mendNetworks, NOT_MENDED } from './networks.js';
import { checkPlaces } from './places.js';
import { checkPrograms } from './programs.js';
import { checkRoom } from './room.js';
import { checkRoot } from './root.js';
import { checkSubnets } from './subnets.js';
import { checkStandbys } from './standbys.js';
import { surveyOf, type Survey } from './survey.js';
import { checkUplink } from './uplink.js';

/** In the order in which they are told. */
const CHECKS: Readonly<Record<string, (survey: Survey) => Promise<readonly Check[]>>> = {
  root: checkRoot,
  programs: checkPrograms,
  kernel: checkKernel,
  places: checkPlaces,
  'other firewalls': checkFirewalls,
  uplink: checkUplink,
  subnets: checkSubnets,
  room: checkRoom,
  images: checkImages,
  'cluster networks': checkNetworks,
  keepers: checkKeepers,
  standbys: checkStandbys,
  leftovers: checkLeftovers,
};

export interface DiagnoseOptions {
  readonly fix?: boolean;
  /** CIDR of what networks are taken from; the usual one when absent. */
  readonly pool?: string | undefined;
}

/**
 * Looks at all that clusters need, at the same time, and at what runs that were cut short left behind; with `fix`
 * removes of that first what is surely dbns's own, and mends the networks of clusters. Needs no root but for `fix`; says what it could not look at.
 * @throws UsageError for what is no pool; MachineError when `fix` is asked for without root.
 */
export async function diagnose(machine: Machine, { fix = false, pool }: DiagnoseOptions = {}): Promise<Diagnosis> {
  if (fix) requireRoot(machine, 'doctor --fix');
  await dropLost(machine);
  const wholePool = pool === undefined ? undefined : parsePool(pool);
  const results = fix
    ? [await removeLeftovers(machine), ...(await mendNetworks(machine)), await mendKeepers(machine)]
    : [];
  const survey = surveyOf(machine, wholePool);
  const checks = await Promise.all(Object.entries(CHECKS).map(([name, check]) => guarded(name, () => check(survey))));
  return {
    checks: [...checks.flat(), ...results.flatMap(({ failed }) => failed)],
    fixed: results.flatMap(({ fixed }) => fixed),
  };
}

/** 0 when clusters can be made, 3 when the machine lacks something for that, 8 when `fix` could not remove something. */
export function exitCodeOf({ checks }: Diagnosis): number {
  const problems = checks.filter(({ state }) => state === 'problem');
  if (problems.some(({ name }) => name === NOT_REMOVED || name === NOT_MENDED)) return 8;
  return problems.length > 0 ? 3 : 0;
}
