import path from 'node:path';
import type { EntryInfo } from '../host/files.js';
import type { Machine } from '../host/machine.js';
import type { Image } from './image.js';
import { parentsOf } from '../host/parents.js';

/** Not taken from an image's tree: the container makes them anew, or a server has no business there. */
const LEFT_OUT = [
  'dev',
  'proc',
  'sys',
  'run',
  'tmp',
  'var',
  'home',
  'root',
  'mnt',
  'media',
  'srv',
  'boot',
  'lost+found',
];

/** Files over which a container binds its own. */
const BOUND_OVER = ['/etc/hosts', '/etc/resolv.conf', '/etc/passwd', '/etc/group'];

/** Whether a path of an image's tree is among what `rootMounts` takes from it. */
export function isSeenInside(file: string): boolean {
  return !LEFT_OUT.includes(file.split('/')[1] ?? '');
}

/**
 * bubblewrap's arguments that make an image's tree the root, read-only. /dev, /proc, /tmp and what must be writable
 * come after them and are the caller's.
 */
export async function rootMounts(machine: Machine, image: Image): Promise<readonly string[]> {
  const entries = (await machine.files.list(image.root)).filter(({ name }) => !LEFT_OUT.includes(name));
  const mounts = await Promise.all(entries.map((entry) => mountOf(machine, image.root, entry)));
  const hidden = image.extraBinds.filter((directory) => !isSeenInside(directory));
  return [...mounts.flat(), ...readOnlyBinds(hidden), ...(await linkedFiles(machine, image))];
}

async function mountOf(machine: Machine, root: string, { name, kind }: EntryInfo): Promise<readonly string[]> {
  const source = path.join(root, name);
  if (kind === 'directory') return ['--ro-bind', source, `/${name}`];
  if (kind === 'link') return ['--symlink', (await machine.files.readLink(source)) ?? '', `/${name}`];
  return [];
}

/** bubblewrap makes missing parents for root's eyes only (0700), so each is named. */
function readOnlyBinds(places: readonly string[]): readonly string[] {
  const parents = new Set(places.flatMap(parentsOf));
  return [
    ...[...parents].flatMap((directory) => ['--dir', directory]),
    ...places.flatMap((place) => ['--ro-bind', place, place]),
  ];
}

/**
 * A machine's own /etc/resolv.conf is often a link into /run. Nothing can be bound over a link that leads nowhere, so
 * what such links lead to is there as well.
 */
async function linkedFiles(machine: Machine, { root }: Image): Promise<readonly string[]> {
  if (root !== '/') return [];
  const etc = await machine.files.list('/etc');
  const links = etc
    .map(({ name, kind }) => ({ file: `/etc/${name}`, kind }))
    .filter(({ file, kind }) => kind === 'link' && BOUND_OVER.includes(file));
  const targets = await Promise.all(
    links.map(async ({ file }) => path.resolve('/etc', (await machine.files.readLink(file)) ?? '')),
  );
  return readOnlyBinds(targets.filter((target) => !isSeenInside(target) && machine.files.exists(target)));
}
