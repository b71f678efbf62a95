import type { Machine } from '../host/machine.js';
import type { Image } from '../images/image.js';
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
export function findProgram(machine: Machine, image: Image, names: readonly string[]): string | null {
  const paths = names.flatMap((name) => image.binaryDirectories.map((directory) => `${directory}/${name}`));
  const inside = (file: string) =>
    image.extraBinds.some((bind) => file.startsWith(`${bind}/`)) ? file : `${image.root}${file}`;
  return paths.find((file) => machine.files.exists(inside(file))) ?? null;
}
