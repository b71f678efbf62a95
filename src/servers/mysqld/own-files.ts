import path from 'node:path';
import type { ServerOption } from '../../cluster/cluster.js';
import { UsageError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { containerArgv } from '../../process/container.js';
import type { NodeServer } from '../node-server.js';
import { optionName, unquoted } from './options.js';

/** Options by which a server reads certificates of the user's own: files of the machine, which its tree has not. */
const NAMES: ReadonlySet<string> = new Set(['ssl_ca', 'ssl_cert', 'ssl_crl', 'ssl_key']);

/** Where servers see them: what a user names may lie in what is the tree's own. */
const INSIDE = '/run/dbns-tls';

/** The files that options name: on the machine → where the server sees it. */
export function ownFiles(options: readonly ServerOption[]): Readonly<Record<string, string>> {
  const files = new Set(options.filter(isOwnFile).map(({ value }) => unquoted(value ?? '')));
  return Object.fromEntries([...files].map((file, index) => [file, `${INSIDE}/${index + 1}-${path.basename(file)}`]));
}

/** The options as the server is to read them. */
export function asSeenInside(options: readonly ServerOption[]): readonly ServerOption[] {
  const files = ownFiles(options);
  return options.map((option) =>
    isOwnFile(option) ? { ...option, value: files[unquoted(option.value ?? '')] ?? null } : option,
  );
}

/**
 * @throws UsageError for a file that is not there, or that the servers' user may not read: that is asked where it would read it,
 *   for on the machine it may not even get there.
 */
export async function assertOwnFiles(
  machine: Machine,
  { rootMounts }: Pick<NodeServer, 'rootMounts'>,
  options: readonly ServerOption[],
): Promise<void> {
  const files = ownFiles(options);
  const absent = Object.keys(files).find((file) => !path.isAbsolute(file) || machine.files.stat(file) === null);
  if (absent !== undefined)
    throw new UsageError(`There is no ${absent} on this machine, or it is no whole path: a server can't read it.`);
  for (const [file, inside] of Object.entries(files)) {
    const place = { rootMounts, writable: [], files, hostname: 'dbns', network: 'none', user: 'server' } as const;
    const argv = containerArgv(machine, { ...place, dieWithParent: true }, ['test', '-r', inside]);
    if ((await machine.run(argv, { allowFailure: true })).exitCode === 0) continue;
    const copy = `/etc/ssl/dbns/${path.basename(file)}`;
    throw new UsageError(`The servers run as a user of their own, who may not read ${file}.`, {
      suggestions: [`install -D -o ${machine.serverUid} -m 400 ${file} ${copy}   # and name that one`],
    });
  }
}

/** Whether an option names one; servers are started with them, and with no others later. */
export const isOwnFile = ({ key, value }: Pick<ServerOption, 'key' | 'value'>): boolean =>
  NAMES.has(optionName(key)) && (value ?? '') !== '';
