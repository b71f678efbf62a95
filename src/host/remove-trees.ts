import { existsSync } from 'node:fs';
import { localFiles } from './files.js';
import { assertNoMount } from './mounts.js';
import { runCommand } from './run.js';

/** Removes trees, with nothing mounted in them, several at a time; absent means done. @throws as removing each would */
export async function removeTrees(trees: readonly string[]): Promise<void> {
  const there = trees.filter((tree) => existsSync(tree));
  for (const tree of there) assertNoMount(tree);
  if (there.length > 0) {
    const input = there.map((tree) => `${tree}\0`).join('');
    await runCommand(['xargs', '-0', '-n', '1', '-P', '8', 'rm', '-rf', '--'], { input, allowFailure: true });
  }
  // What rm could not remove, node can't either, and says why.
  for (const tree of trees) await localFiles.remove(tree);
}
