import { z } from 'zod';
import type { Machine } from '../host/machine.js';
import type { ServerBuild } from '../cluster/server.js';

const BUILD = z.object({ dialect: z.string(), version: z.string(), programs: z.record(z.string(), z.string()) });

/** What the server of an image's build said when it was asked; null when it was not yet. */
export function loadServer(machine: Machine, imageBuild: string): ServerBuild | null {
  const text = machine.files.read(fileOf(machine, imageBuild));
  return text === null ? null : (BUILD.safeParse(JSON.parse(text)).data ?? null);
}

export async function saveServer(machine: Machine, imageBuild: string, build: ServerBuild): Promise<void> {
  await machine.files.mkdirAll(`${machine.roots.state}/servers`);
  await machine.files.replace(fileOf(machine, imageBuild), `${JSON.stringify(build, null, 2)}\n`);
}

export async function removeServer(machine: Machine, imageBuild: string): Promise<void> {
  await machine.files.remove(fileOf(machine, imageBuild));
}

/** The builds of images whose server was asked. */
export async function savedBuilds(machine: Machine): Promise<readonly string[]> {
  const files = await machine.files.list(`${machine.roots.state}/servers`);
  return files.map(({ name }) => name.replace(/\.json$/, ''));
}

function fileOf(machine: Machine, imageBuild: string): string {
  return `${machine.roots.state}/servers/${imageBuild}.json`;
}
