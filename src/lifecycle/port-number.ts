import { programsOf, type Cluster } from '../cluster/cluster.js';
import { UsageError } from '../errors/errors.js';

/**
 * A port by its number, or by the name that it has at a program of the cluster.
 * @param host whose; null for any
 * @throws UsageError for what is neither.
 */
export function portNumber(cluster: Cluster, host: string | null, text: string): number {
  if (/^\d+$/.test(text)) {
    if (Number(text) >= 1 && Number(text) <= 65_535) return Number(text);
    throw new UsageError(`The port ${text}: ports are 1 to 65535.`);
  }
  const programs = programsOf(cluster).filter(({ name }) => host === null || name === host);
  const found = programs.find(({ ports }) => Object.hasOwn(ports, text))?.ports[text];
  if (found !== undefined) return found;
  const names = new Set(programs.flatMap(({ ports }) => Object.keys(ports)));
  throw new UsageError(
    `${host ?? `'${cluster.name}'`} has no port '${text}'. It has: ${[...names].join(', ')}; or write a number.`,
  );
}
