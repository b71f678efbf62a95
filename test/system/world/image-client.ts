import { run, type CommandOptions, type CommandResult } from './command.js';

const CLUSTERS = '/var/lib/dbns/clusters';

/** An image's own program, outside of any cluster; it sees the clusters' CAs, the machine's names, and files of whoever runs it. */
export function ofImage(
  image: string,
  words: readonly string[],
  files: Readonly<Record<string, string>> = {},
  options?: CommandOptions,
): Promise<CommandResult> {
  const root = `/var/lib/dbns/images/${image.replace(':', '/')}/root`;
  const tree = ['--ro-bind', root, '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp', '--tmpfs', '/var/lib'];
  const bound = { [CLUSTERS]: CLUSTERS, '/etc/hosts': '/etc/hosts', ...files };
  const binds = Object.entries(bound).flatMap(([from, to]) => ['--ro-bind', from, to]);
  return run(['bwrap', ...tree, ...binds, ...words], options);
}
