import { isCommand, type Attached, type Cluster } from '../../cluster/cluster.js';
import { markOf } from '../../cluster/resource.js';
import { changeHosts } from '../../host/hosts-of-process.js';
import type { Machine } from '../../host/machine.js';
import { nameLines, type Neighbour } from '../../network/hosts.js';
import { isSame } from '../../process/find.js';

/** Writes the names of all hosts into the /etc/hosts of what is attached, where that has one of its own. */
export async function writeBorrowedNames(
  machine: Machine,
  cluster: Cluster,
  neighbours: readonly Neighbour[],
): Promise<void> {
  const lines = nameLines(cluster, neighbours);
  for (const host of cluster.attached) if (host.phase !== 'removing') await writeIn(machine, cluster, host, lines);
}

/** Takes them out again: the file is as it was found. */
export async function removeBorrowedNames(machine: Machine, cluster: Cluster, host: Attached): Promise<void> {
  await writeIn(machine, cluster, host, []);
}

/** Whether it has an /etc/hosts of its own, in which names are written. */
export function hasOwnHosts(machine: Machine, host: Attached): boolean {
  return isCommand(host) || hostsFileOf(machine, host) !== null;
}

async function writeIn(machine: Machine, { id }: Cluster, host: Attached, lines: readonly string[]): Promise<void> {
  const file = hostsFileOf(machine, host);
  if (file === null) return;
  await changeHosts(file, (text) => withBlock(text, markOf(id), lines)).catch(() => undefined);
}

/** Of one that was started by dbns the file is dbns's own, as that of a node. */
function hostsFileOf({ roots, files, ...machine }: Machine, { origin }: Attached): string | null {
  if (origin.kind === 'command') return null;
  if (origin.kind === 'netns') {
    const file = `${roots.netnsEtc}/${origin.netns}/hosts`;
    return files.exists(file) ? file : null;
  }
  if (!isSame({ roots, files, ...machine }, origin.process)) return null;
  const file = `${roots.proc}/${origin.process.pid}/root/etc/hosts`;
  const own = files.stat(file);
  return own === null || own.inode === files.stat('/etc/hosts')?.inode ? null : file;
}

/** A text with these lines between two marks at its end, or without them: byte for byte what it was before. */
export function withBlock(text: string, mark: string, lines: readonly string[]): string {
  const [begin, end] = [`# ${mark} begin\n`, `# ${mark} end\n`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  const rest = from < 0 || to < from ? text : text.slice(0, from) + text.slice(to + end.length);
  const block = lines.length === 0 ? '' : `${begin}${lines.map((line) => `${line}\n`).join('')}${end}`;
  return block === '' ? rest : joined(rest, block);
}

/** A last line that does not end is not ours to end: the block goes before it. */
function joined(rest: string, block: string): string {
  const at = rest.lastIndexOf('\n') + 1;
  return rest.slice(0, at) + block + rest.slice(at);
}
