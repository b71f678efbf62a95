import { randomBytes } from 'node:crypto';
import { NotReadyError, messageOf } from '../errors/errors.js';
import { CommandError } from '../host/command-error.js';
import { fullDisk } from '../host/full-disk.js';
import type { Lock } from '../host/lock.js';
import { killUsers } from '../process/find.js';
import type { PristineRecipe } from '../topologies/topology.js';
import { damageIn, seal } from '../state/manifest.js';
import { applyPlan } from './apply.js';
import type { Context, Limited } from './context.js';
import { lateSignal } from './late.js';
import { removeEach, type Leftover } from './leftover.js';
import { pristineDirectory, pristinesDirectory } from './resolve.js';

/**
 * Makes a pristine directory unless it is there, and as it was made. Whole or not at all: it is made under another
 * name and renamed when all of it is on disk; one that a dead process left half made, or that is damaged, is removed first.
 * @throws NotReadyError when it could not be made, or not in time.
 */
export async function ensurePristine(recipe: PristineRecipe, context: Limited): Promise<void> {
  const { machine, observer } = context;
  const directory = pristineDirectory(machine, recipe.key);
  if (damageIn(machine, directory) === null) return;
  await machine.files.mkdirAll(pristinesDirectory(machine));
  const lock = (await machine.lock(pristinesDirectory(machine))) ?? (await waitForLock(context));
  try {
    const damage = damageIn(machine, directory);
    if (damage === null) return;
    if (machine.files.exists(directory))
      observer.warned?.(`A pristine directory can't be trusted, and is made anew: ${damage}`);
    observer.phaseStarted?.(TITLE);
    await make(recipe, directory, context);
    observer.phaseDone?.(TITLE);
  } finally {
    await lock?.release();
  }
}

const TITLE = 'make the pristine data directory (once for each image and options)';

const TITLE_OF_WAIT = 'wait for another dbns that makes a pristine data directory';

async function waitForLock({ machine, observer, signal, deadline }: Limited): Promise<Lock | null> {
  const error = new NotReadyError('Another dbns still makes a pristine data directory.', {
    suggestions: ['Wait until it has ended, or end it; then try again. --timeout says how long to wait.'],
  });
  observer.phaseStarted?.(TITLE_OF_WAIT);
  const lock = await machine.lock(pristinesDirectory(machine), {
    wait: true,
    signal: AbortSignal.any([signal, lateSignal(deadline, error)]),
  });
  observer.phaseDone?.(TITLE_OF_WAIT);
  return lock;
}

async function make(recipe: PristineRecipe, directory: string, context: Limited): Promise<void> {
  const { machine, observer } = context;
  await removeDrafts(machine);
  // One that could not be removed is not in the way.
  const draft = directory.replace(/([^/]+)$/, `.draft-$1-${randomBytes(2).toString('hex')}`);
  const steps = {
    ...(observer.stepStarted && { stepStarted: observer.stepStarted }),
    ...(observer.stepDone && { stepDone: observer.stepDone }),
  };
  await machine.files.mkdir(draft);
  await machine.files.write(`${draft}/${BUILD_FILE}`, recipe.imageBuild);
  try {
    await applyPlan(recipe.plan(draft), { ...context, observer: steps });
    await seal(machine, draft);
    await machine.files.remove(directory);
    await machine.files.rename(draft, directory);
    await machine.files.sync(pristinesDirectory(machine));
  } catch (error) {
    const log = machine.files.read(`${draft}/server.log`) ?? '';
    await killUsers(machine, [draft]);
    await machine.files.remove(draft);
    throw fullDisk(log) ?? explained(error, `${outputOf(error)}\n${log}`, recipe);
  }
}

/** Removes what dead `create`s left half made, unless one is being made right now. Answers what stayed. */
export async function sweepDrafts(machine: Context['machine']): Promise<readonly Leftover[]> {
  if ((await draftsIn(machine)).length === 0) return [];
  const lock = await machine.lock(pristinesDirectory(machine));
  if (lock === null) return [];
  return removeDrafts(machine).finally(() => lock.release());
}

/** Under the lock on their directory, drafts are of the dead. */
export async function removeDrafts(machine: Context['machine']): Promise<readonly Leftover[]> {
  return removeEach(
    await draftsIn(machine),
    (draft) => draft,
    async (draft) => {
      await killUsers(machine, [draft]);
      await machine.files.remove(draft);
    },
  );
}

async function draftsIn(machine: Context['machine']): Promise<readonly string[]> {
  const entries = await machine.files.list(pristinesDirectory(machine));
  const drafts = entries.filter((entry) => entry.name.startsWith('.draft-'));
  return drafts.map(({ name }) => `${pristinesDirectory(machine)}/${name}`);
}

/** The file in a pristine directory that says with which build of an image it was made. */
const BUILD_FILE = 'image-build';

/** A pristine directory, and the build of the image that it was made with. */
interface Pristine {
  readonly directory: string;
  readonly imageBuild: string;
}

/** Those that were finished. */
export async function pristinesOf(machine: Context['machine']): Promise<readonly Pristine[]> {
  const entries = await machine.files.list(pristinesDirectory(machine));
  const directories = entries.filter(({ name }) => !name.startsWith('.'));
  return directories.map(({ name }) => {
    const directory = `${pristinesDirectory(machine)}/${name}`;
    return { directory, imageBuild: machine.files.read(`${directory}/${BUILD_FILE}`) ?? '' };
  });
}

/** Those that are not as they were made, and why. */
export async function damagedPristines(
  machine: Context['machine'],
): Promise<readonly (Pristine & { readonly why: string })[]> {
  return (await pristinesOf(machine)).flatMap((pristine) => {
    const why = damageIn(machine, pristine.directory);
    return why === null ? [] : [{ ...pristine, why }];
  });
}

/** Removes the pristine directories that were made with a build of an image. */
export async function removePristines(machine: Context['machine'], imageBuild: string): Promise<void> {
  const theirs = (await pristinesOf(machine)).filter((pristine) => pristine.imageBuild === imageBuild);
  for (const { directory } of theirs) await machine.files.remove(directory);
}

function outputOf(error: unknown): string {
  return error instanceof CommandError ? `${error.result.stdout}\n${error.result.stderr}` : '';
}

/** Only an error of the server, or of what initialises it, has to do with what was written. */
function explained(error: unknown, written: string, { log }: PristineRecipe): unknown {
  const isOfServer = error instanceof NotReadyError || error instanceof CommandError;
  if (!isOfServer) return error;
  const why = error instanceof CommandError ? 'what initialises it said:' : messageOf(error);
  const lines = [`The pristine data directory could not be made: ${why}`, ...log.tell(written)];
  return log.explain(written) ?? new NotReadyError(lines.join('\n'), { cause: error });
}
