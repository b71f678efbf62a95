import type { Node } from '../../cluster/cluster.js';
import type { Setting } from '../../topologies/topology.js';
import type { Observer } from '../apply.js';

/** Milliseconds between two looks. */
const PAUSE = 2000;
const MB = 1024 * 1024;

/** Shows how much data newcomers have beside what the others have, until the function that it answers is called. */
export function watchTransfer(
  { machine, cluster }: Setting,
  newcomers: readonly Node[],
  observer: Observer,
): () => void {
  const sizeOf = ({ directory }: Node) => machine.files.diskUsage(`${directory}/data`).catch(() => 0);
  const others = cluster.nodes.filter((node) => !newcomers.includes(node));
  const look = async () => {
    const whole = Math.max(...(await Promise.all(others.map(sizeOf))));
    const sizes = await Promise.all(newcomers.map(sizeOf));
    const parts = newcomers.map(({ name }, position) => `${name} has ${Math.round((sizes[position] ?? 0) / MB)} MB`);
    observer.detail?.(`${parts.join(', ')}; the others have ${Math.round(whole / MB)} MB`);
  };
  const timer = setInterval(() => void look(), PAUSE);
  return () => {
    clearInterval(timer);
  };
}
