import * as v from 'valibot';
import { byName } from '../cluster/schemas.js';
import type { Machine } from '../host/machine.js';
import { serverTitle, type ServerBuild } from '../cluster/server.js';
import { readRecord, writeRecord, type Format } from './record.js';

interface Said {
  readonly server: ServerBuild;
  /** The roles of programs that were looked for. */
  readonly roles: readonly string[];
}

const SERVER: Format<Said> = {
  version: 2,
  schema: v.object({
    server: v.object({ dialect: v.string(), version: v.string(), programs: byName(v.string()) }),
    roles: v.array(v.string()),
  }),
  upgrades: { 0: (server) => ({ server }), 1: (content) => Object.assign({}, content, { roles: [] }) },
};

/** A kind of server, by its name, and what is looked for of it. */
interface Kind {
  readonly name: string;
  readonly roles: readonly string[];
}

/**
 * What the server of a kind said of itself when an image's build was asked; null when it was not yet, or that is lost, or an
 * earlier dbns did not look for all programs that this one looks for.
 */
export function loadServer(machine: Machine, imageBuild: string, kind: Kind): ServerBuild | null {
  const said = saidBefore(machine, imageBuild, kind);
  return said !== null && kind.roles.every((role) => said.roles.includes(role)) ? said.server : null;
}

/** The same, whatever was looked for: which server it is. */
export function loadTitle(machine: Machine, imageBuild: string, kind: Kind): string | null {
  const said = saidBefore(machine, imageBuild, kind);
  return said === null ? null : serverTitle(said.server);
}

function saidBefore(machine: Machine, imageBuild: string, { name }: Kind): Said | null {
  const found = readRecord(machine, fileOf(machine, imageBuild, name), SERVER);
  return found.kind === 'whole' ? found.content : null;
}

export async function saveServer(machine: Machine, imageBuild: string, { name, roles }: Kind, server: ServerBuild) {
  await machine.files.mkdirAll(directoryOf(machine));
  await writeRecord(machine, fileOf(machine, imageBuild, name), SERVER, { server, roles });
}

export async function removeServer(machine: Machine, imageBuild: string): Promise<void> {
  const files = await machine.files.list(directoryOf(machine));
  for (const { name } of files.filter((file) => buildOf(file.name) === imageBuild)) {
    await machine.files.remove(`${directoryOf(machine)}/${name}`);
  }
}

/** The builds of images whose server was asked. */
export async function savedBuilds(machine: Machine): Promise<readonly string[]> {
  const files = await machine.files.list(directoryOf(machine));
  return [...new Set(files.map(({ name }) => buildOf(name)))];
}

/** One file for each kind of server: an image may have several. */
function fileOf(machine: Machine, imageBuild: string, kind: string): string {
  return `${directoryOf(machine)}/${imageBuild}.${kind}.json`;
}

const buildOf = (fileName: string) => fileName.replace(/\..*$/, '');

const directoryOf = ({ roots }: Machine) => `${roots.state}/servers`;
