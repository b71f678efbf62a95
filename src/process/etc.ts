import type { Act } from '../cluster/plan.js';
import type { Machine } from '../host/machine.js';

/** passwd and group of the servers of a directory: root, by whom dbns asks, and the user they run as. Nobody else has a name. */
export function etcActs({ serverUid }: Machine, directory: string): readonly Act[] {
  const passwd = `root:x:0:0:root:/root:/bin/sh\ndbns:x:${serverUid}:${serverUid}:dbns:/:/bin/sh\n`;
  const group = `root:x:0:\ndbns:x:${serverUid}:\n`;
  return [
    { do: 'write', path: `${directory}/passwd`, content: passwd, mode: 0o644, owner: 'root' },
    { do: 'write', path: `${directory}/group`, content: group, mode: 0o644, owner: 'root' },
  ];
}

/** Where those files go inside a container. */
export function etcBinds(directory: string): Readonly<Record<string, string>> {
  return { [`${directory}/passwd`]: '/etc/passwd', [`${directory}/group`]: '/etc/group' };
}
