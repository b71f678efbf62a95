import type { Machine } from '../host/machine.js';
import { aptOptions } from './apt-options.js';
import { aptSources } from './apt-sources.js';
import type { DebianSource } from './catalogue.js';
import { bootstrapArgv } from './mmdebstrap.js';
import { pullFailure } from './pull-failure.js';
import type { Filling } from './pull-options.js';
import { requireRoom } from './room.js';
import { completeTree, prepareTree } from './tree.js';

/** Programs that it takes. */
export const DEBIAN_PROGRAMS: readonly string[] = ['mmdebstrap', 'bwrap'];

/** Bytes that a pull takes while it goes on; the image then has a good half of it. */
const NEEDED = 800_000_000;

/** Fills `root` with packages of Debian. */
export async function fillFromDebian(machine: Machine, from: DebianSource, filling: Filling): Promise<void> {
  const { ref, directory } = filling;
  const { signal, onProgress, mirror } = filling.options;
  await requireRoom(machine, filling, NEEDED);
  const sources = await aptSources(machine, from.suite, mirror);
  await prepareTree(machine, `${directory}/root`);
  await machine.files.write(`${directory}/apt.conf`, await aptOptions(machine, filling.options));
  signal?.throwIfAborted();
  onProgress?.(`making ${ref} from the packages of Debian ${from.suite}`);
  const { exitCode, stderr } = await machine.run(bootstrapArgv({ from, sources, directory }), {
    allowFailure: true,
    onLine: (line) => {
      if (/^I: (?:running|downloading|extracting|cleaning)/.test(line)) onProgress?.(line.slice(3).replace(/\.*$/, ''));
    },
    ...(signal === undefined ? {} : { signal }),
  });
  if (exitCode !== 0) throw pullFailure(stderr, { ref, suite: from.suite, mirror: mirror !== undefined });
  onProgress?.('completing the tree');
  await completeTree(machine, `${directory}/root`);
  await machine.files.remove(`${directory}/apt.conf`);
}
