import type { Machine } from '../host/machine.js';
import type { Image } from '../images/image.js';
import { isInside } from '../images/inside.js';
import { rootMounts } from '../images/root-mounts.js';
import { containerArgv } from '../process/container.js';

/** What a program of an image says, alone and without a network; on stdout, or else on stderr. */
export async function askProgram(machine: Machine, image: Image, argv: readonly string[]): Promise<string> {
  const contained = containerArgv(
    machine,
    {
      rootMounts: await rootMounts(machine, image),
      writable: [],
      files: {},
      hostname: 'dbns',
      network: 'none',
      // Only root can become another, and only root has something to lose.
      user: machine.isRoot ? 'server' : 'root',
      dieWithParent: true,
    },
    argv,
  );
  const { stdout, stderr } = await machine.run(contained, { allowFailure: true });
  return stdout || stderr;
}

/** The first of `names` in the image's directories of binaries, as a path inside the image. */
export async function findProgram(machine: Machine, image: Image, names: readonly string[]): Promise<string | null> {
  const paths = names.flatMap((name) => image.binaryDirectories.map((directory) => `${directory}/${name}`));
  return findFile(machine, image, paths);
}

/** The first of the paths inside an image at which something is. */
export async function findFile(machine: Machine, image: Image, paths: readonly string[]): Promise<string | null> {
  const isBound = (file: string) => image.extraBinds.some((bind) => file.startsWith(`${bind}/`));
  for (const file of paths) if (await isInside(machine, isBound(file) ? '/' : image.root, file)) return file;
  return null;
}
