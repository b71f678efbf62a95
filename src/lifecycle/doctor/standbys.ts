import { listStandbys, type StandbyView } from '../standbys.js';
import { ok, warning, type Check } from './diagnosis.js';
import { sizeInWords } from './size.js';
import type { Survey } from './survey.js';

const NAME = 'standbys';

/** What stands by, and what was to and does not. */
export async function checkStandbys({ machine }: Survey): Promise<readonly Check[]> {
  const standbys = await listStandbys(machine);
  if (standbys.length === 0) return [ok(NAME, 'none is wanted')];
  return standbys.map((view) => {
    const { id, state, reason } = view;
    if (state === 'ready' || state === 'forming') return ok(NAME, inWords(view));
    const again = `Or wait for the next '${view.words}', which makes it anew.`;
    return warning(NAME, `${id} is ${state}: ${reason ?? ''}`, [`dbns standby stop ${id}`, again]);
  });
}

function inWords({ id, wanted, clusters, memoryBytes }: StandbyView): string {
  const ready = clusters.filter(({ state }) => state === 'ready').map(({ name }) => name);
  const memory = memoryBytes === null ? '' : `, ${sizeInWords(memoryBytes)}`;
  return `${id}: ${ready.length} of ${wanted} ready${ready.length > 0 ? ` (${ready.join(', ')})` : ''}${memory}`;
}
