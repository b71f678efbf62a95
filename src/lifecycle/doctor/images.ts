import { messageOf } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { CATALOGUE, sourceTitle } from '../../images/catalogue.js';
import type { Image } from '../../images/image.js';
import { imagesDirectory, pulledImage } from '../../images/store.js';
import { pristinesDirectory } from '../resolve.js';
import { ok, problem, warning, type Check } from './diagnosis.js';
import { sizeInWords } from './size.js';
import type { Survey } from './survey.js';

/** A pulled image: its size in bytes, or what is wrong with it. */
interface Pulled {
  readonly ref: string;
  readonly state: { readonly size: number } | { readonly damage: string };
}

/** Pulled images, and the pristine directories that were made from them. */
export async function checkImages({ machine }: Survey): Promise<readonly Check[]> {
  const [refs, pristine] = await Promise.all([pulledRefs(machine), checkPristine(machine)]);
  return [...judgeImages(refs.map((ref) => examine(machine, ref))), ...pristine];
}

async function pulledRefs(machine: Machine): Promise<readonly string[]> {
  const families = await visibleDirectories(machine, imagesDirectory(machine));
  const refs = families.map(async (name) => {
    const versions = await visibleDirectories(machine, `${imagesDirectory(machine)}/${name}`);
    return versions.map((version) => `${name}:${version}`);
  });
  return (await Promise.all(refs)).flat();
}

async function visibleDirectories(machine: Machine, directory: string): Promise<readonly string[]> {
  const entries = await machine.files.list(directory);
  return entries.filter(({ name, kind }) => kind === 'directory' && !name.startsWith('.')).map(({ name }) => name);
}

function examine(machine: Machine, ref: string): Pulled {
  try {
    const image = pulledImage(machine, ref);
    if (image === null) return { ref, state: { damage: 'it has no image.json' } };
    const program = programOf(image);
    const whole = program === undefined || machine.files.exists(`${image.root}${program}`);
    return { ref, state: whole ? { size: image.sizeBytes ?? 0 } : { damage: `it has no ${program}` } };
  } catch (error) {
    return { ref, state: { damage: messageOf(error) } };
  }
}

/** Where the server is in a tree of Debian's packages; where others have it, nobody knows beforehand. */
function programOf({ ref, from }: Image): string | undefined {
  const entry = CATALOGUE.find((candidate) => candidate.ref === ref && sourceTitle(candidate.from) === from);
  return entry?.from.kind === 'debian' ? entry.server.programs.server : undefined;
}

export function judgeImages(images: readonly Pulled[]): readonly Check[] {
  const whole = images.flatMap(({ ref, state }) => ('size' in state ? [`${ref} (${sizeInWords(state.size)})`] : []));
  const damaged = images.flatMap(({ ref, state }) =>
    'damage' in state
      ? [problem('images', `${ref} is damaged: ${state.damage}`, [`dbns image pull --force ${ref}`])]
      : [],
  );
  if (whole.length > 0) return [ok('images', whole.join(', ')), ...damaged];
  return damaged.length > 0 ? damaged : [NO_IMAGE];
}

const NO_IMAGE = warning(
  'images',
  'none is pulled yet',
  CATALOGUE.slice(0, 1).map(({ ref }) => `dbns image pull ${ref}`),
);

async function checkPristine(machine: Machine): Promise<readonly Check[]> {
  const place = pristinesDirectory(machine);
  const directories = (await visibleDirectories(machine, place)).map((name) => `${place}/${name}`);
  if (directories.length === 0) return [ok('pristine directories', 'none yet: the first create of an image makes one')];
  if (!machine.isRoot) return [ok('pristine directories', `${directories.length}; only root can see their size`)];
  const sizes = await Promise.all(directories.map((directory) => machine.files.diskUsage(directory)));
  return [ok('pristine directories', `${sizes.length}, ${sizeInWords(sizes.reduce((sum, size) => sum + size, 0))}`)];
}
