import { createHash } from 'node:crypto';
import path from 'node:path';
import { NotFoundError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import type { Image } from './image.js';
import { isSeenInside } from './root-mounts.js';

/** Programs by whose files it is told whether a tree is still the one that it was. */
const TELLING = [
  'mariadbd',
  'mysqld',
  'mariadb-install-db',
  'mysql_install_db',
  'mariadb-backup',
  'xtrabackup',
  'mongod',
  'mongos',
];

/** Where a tree has its programs; an archive of MariaDB has its installer among `scripts`. */
const PROGRAMS = ['bin', 'sbin', 'libexec', 'scripts'];

/** Where servers are on a machine besides its PATH, which may be a user's. */
const SYSTEM_BINARIES = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/usr/libexec'];

/**
 * A directory of the user's, e.g. an unpacked archive of a vendor. Its programs use the machine's libraries.
 * @throws NotFoundError when there is none.
 */
export async function directoryImage(machine: Machine, directory: string): Promise<Image> {
  // With '/.', a file of that name is no directory.
  const status = machine.files.stat(`${directory}/.`);
  if (status === null) throw new NotFoundError(`The image dir:${directory} is not there: no such directory.`);
  const names = new Set((await machine.files.list(directory)).map(({ name }) => name));
  const below = PROGRAMS.filter((name) => names.has(name)).map((name) => `${directory}/${name}`);
  const binaryDirectories = [...below, directory];
  return {
    ref: `dir:${directory}`,
    kind: 'directory',
    root: '/',
    build: buildOf(machine, directory, binaryDirectories),
    extraBinds: [directory],
    binaryDirectories,
    from: `the directory ${directory}`,
    digest: null,
    createdAt: new Date(status.mtimeMs).toISOString(),
    sizeBytes: null,
  };
}

/** The programs that are installed on the machine. */
export function hostImage(machine: Machine): Image {
  const onPath = (process.env.PATH ?? '').split(path.delimiter).filter((directory) => path.isAbsolute(directory));
  const binaryDirectories = [...new Set([...onPath, ...SYSTEM_BINARIES])].filter(isSeenInside);
  return {
    ref: 'host',
    kind: 'host',
    root: '/',
    build: buildOf(machine, '/', binaryDirectories),
    extraBinds: [],
    binaryDirectories,
    from: "the machine's own programs",
    digest: null,
    createdAt: null,
    sizeBytes: null,
  };
}

/** From place, size, time and inode of the server's files: an upgrade of theirs is another build. */
function buildOf(machine: Machine, place: string, directories: readonly string[]): string {
  const files = directories.flatMap((directory) => TELLING.map((program) => `${directory}/${program}`));
  const facts = files.map((file) => [file, machine.files.stat(file)]).filter(([, status]) => status !== null);
  return createHash('sha256')
    .update(JSON.stringify([place, facts]))
    .digest('hex')
    .slice(0, 10);
}
