import { NotFoundError, messageOf } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { createdNames, isDirectory } from '../../state/clusters.js';
import { rulesDirectory } from '../../state/rules.js';
import { requireRoot, type Context } from '../context.js';
import { inWords } from '../leftover.js';
import { sweepDrafts } from '../pristine.js';
import { endKeeper } from '../keeping/end-keeper.js';
import { lockCluster } from '../lock.js';
import { keeperDirectory } from '../../state/keeper.js';
import { dropLostLinks } from '../ground/lost-links.js';
import { underRulesLock } from '../ground/rules-lock.js';
import { removeCluster, sweep } from '../removal/remove.js';
import { removeStandbys } from '../removal/standby.js';
import { recorded } from '../record.js';
import { selectName, selectSaved } from '../select.js';

/** Removes one cluster, a broken one too, and all that it made; without a name, the only one. */
export async function destroyCluster(name: string | undefined, context: Context): Promise<string> {
  requireRoot(context.machine, name === undefined ? 'destroy' : `destroy ${name}`);
  await sweepAll(context);
  const selected = await selectName(context.machine, name);
  await destroy(selected, context);
  return selected;
}

/** Removes all clusters, one after another, and all standbys; none is fine too. One that fails does not keep the others. */
export async function destroyAll(context: Context): Promise<readonly string[]> {
  requireRoot(context.machine, 'destroy --all');
  // First who would make new ones; what is left of that is swept.
  const failures: unknown[] = [...(await removeStandbys(context))];
  await sweepAll(context);
  const destroyed: string[] = [];
  for (const name of await createdNames(context.machine)) {
    try {
      await destroy(name, context);
      destroyed.push(name);
    } catch (error) {
      context.observer.phaseFailed?.();
      if (!(error instanceof NotFoundError)) failures.push(error);
    }
  }
  const [first, ...others] = failures;
  for (const other of others) context.observer.warned?.(messageOf(other));
  if (failures.length > 0) throw first;
  return destroyed;
}

/** What others left and can't be removed is told, and keeps nobody. */
async function sweepAll({ machine, observer }: Context): Promise<void> {
  for (const stayed of [...(await sweep(machine)), ...(await sweepDrafts(machine))]) {
    const advice = stayed.advice.length > 0 ? ` Then try: ${stayed.advice.join('; ')}` : '';
    observer.warned?.(`Left of what is gone: ${inWords(stayed)}${advice}`);
  }
}

async function destroy(name: string, { machine, observer }: Context): Promise<void> {
  const title = `destroy ${name}`;
  observer.phaseStarted?.(title);
  // What is no directory can't be locked, and nobody is at work on it; and a keeper that is has nothing to keep any more.
  const isThere = await isDirectory(machine, name);
  if (isThere) await endKeeper(machine, keeperDirectory(machine, name));
  const lock = isThere ? await lockCluster(machine, name) : null;
  try {
    await recorded(machine, name, { verb: 'destroy', isLast: true }, () =>
      undisturbed(machine, name, async () => removeCluster(machine, await selectSaved(machine, name))),
    );
  } finally {
    await lock?.release();
  }
  // Those that it was linked with lead nowhere any more.
  await dropLostLinks(machine);
  observer.phaseDone?.(title);
}

/** Nobody changes its rules meanwhile, and makes what is just removed; where none were changed yet nobody is waited for. */
async function undisturbed(machine: Machine, name: string, act: () => Promise<void>): Promise<void> {
  await (machine.files.exists(rulesDirectory(machine, name)) ? underRulesLock(machine, name, act) : act());
}
