import type { Machine } from '../host/machine.js';
import { imagesDirectory } from './store.js';

/** The trees that pulls and removals left which were killed. */
export async function unfinishedTrees(machine: Machine): Promise<readonly string[]> {
  const families = (await machine.files.list(imagesDirectory(machine))).filter(({ kind }) => kind === 'directory');
  const trees = families.map(async ({ name }) => {
    const family = `${imagesDirectory(machine)}/${name}`;
    const left = await unfinishedIn(machine, family);
    return left.length > 0 && (await isFree(machine, family)) ? left : [];
  });
  return (await Promise.all(trees)).flat();
}

/** Removes such trees, wherever no pull is at work. */
export async function removeUnfinishedTrees(machine: Machine): Promise<void> {
  for (const { name } of await machine.files.list(imagesDirectory(machine))) {
    const family = `${imagesDirectory(machine)}/${name}`;
    const lock = await machine.lock(family);
    if (lock === null) continue;
    await removeUnfinished(machine, family).finally(() => lock.release());
  }
}

/** Removes what is unfinished in the directory of one name; under its lock. */
export async function removeUnfinished(machine: Machine, family: string): Promise<void> {
  for (const tree of await unfinishedIn(machine, family)) await machine.files.remove(tree);
}

/** The names of all such trees begin with a dot. */
async function unfinishedIn(machine: Machine, family: string): Promise<readonly string[]> {
  const entries = await machine.files.list(family);
  return entries.filter(({ name }) => name.startsWith('.')).map(({ name }) => `${family}/${name}`);
}

async function isFree(machine: Machine, family: string): Promise<boolean> {
  const lock = await machine.lock(family);
  await lock?.release();
  return lock !== null;
}
