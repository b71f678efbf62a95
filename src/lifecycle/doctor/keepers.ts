import { cameUp } from '../../cluster/cluster.js';
import type { Machine } from '../../host/machine.js';
import { loadClusters } from '../../state/clusters.js';
import { dutyNames, loadDuties } from '../keeping/duties.js';
import { ensureKeeper, findKeeper } from '../keeping/keeper.js';
import { ok, unseen, warning, type Check } from './diagnosis.js';
import { fixAll, type Fixed } from './fix.js';
import { FIX } from './remnant.js';
import { NOT_MENDED } from './networks.js';
import { sizeInWords } from './size.js';
import type { Survey } from './survey.js';

const NAME = 'keepers';

/** Who sees to what outlives commands; and of which clusters nobody does. */
export async function checkKeepers({ machine }: Survey): Promise<readonly Check[]> {
  if (!machine.isRoot) return [unseen(NAME)];
  const clusters = await withDuties(machine);
  const atWork = clusters.flatMap(({ name, keeper }) =>
    keeper === null ? [] : [`${name} (pid ${keeper.pid}, ${sizeInWords(machine.processes.memoryOf(keeper.pid) ?? 0)})`],
  );
  const lost = clusters.filter(({ keeper }) => keeper === null).map(warningOf);
  if (lost.length > 0) return lost;
  return [ok(NAME, atWork.length === 0 ? 'none is needed' : `at work: ${atWork.join(', ')}`)];
}

/** Starts those that are missing. */
export async function mendKeepers(machine: Machine): Promise<Fixed> {
  const lost = (await withDuties(machine)).filter(({ keeper }) => keeper === null);
  return fixAll(
    NOT_MENDED,
    lost.map((cluster) => ({ found: warningOf(cluster).found, fix: () => ensureKeeper(machine, cluster.name) })),
  );
}

async function withDuties(machine: Machine) {
  return (await loadClusters(machine))
    .filter(cameUp)
    .map((cluster) => ({
      name: cluster.name,
      duties: dutyNames(loadDuties(machine, cluster)),
      keeper: findKeeper(machine, cluster.name),
    }))
    .filter(({ duties }) => duties.length > 0);
}

function warningOf({ name, duties }: { readonly name: string; readonly duties: readonly string[] }): Check {
  return warning(NAME, `nobody sees to ${duties.join(', ')} of '${name}': its keeper has ended`, FIX);
}
