import * as z from 'zod';
import type { Machine } from '../host/machine.js';
import type { ServerBuild } from '../cluster/server.js';
import { readRecord, writeRecord, type Format } from './record.js';

const SERVER: Format<{ readonly server: ServerBuild }> = {
  version: 1,
  schema: z.object({
    server: z.object({ dialect: z.string(), version: z.string(), programs: z.record(z.string(), z.string()) }),
  }),
  upgrades: { 0: (server) => ({ server }) },
};

/** What the server of a kind said of itself when an image's build was asked; null when it was not yet, or that is lost. */
export function loadServer(machine: Machine, imageBuild: string, kind: string): ServerBuild | null {
  const found = readRecord(machine, fileOf(machine, imageBuild, kind), SERVER);
  return found.kind === 'whole' ? found.content.server : null;
}

export async function saveServer(machine: Machine, imageBuild: string, kind: string, server: ServerBuild) {
  await machine.files.mkdirAll(directoryOf(machine));
  await writeRecord(machine, fileOf(machine, imageBuild, kind), SERVER, { server });
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
