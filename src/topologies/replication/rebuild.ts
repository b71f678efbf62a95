import type { Cluster, Node } from '../../cluster/cluster.js';
import { ConflictError, UsageError } from '../../errors/errors.js';
import type { Rebuild } from '../rebuild.js';
import { accept } from './accept.js';
import { isPartial, roleIn, settingsOf, type ReplicationSettings } from './settings.js';
import { MANY_WRITERS } from './shapes.js';

export const rebuild: Rebuild = { assertMay, accept };

/**
 * In a ring and among all masters every other node has what one has, and gets what it wrote last before it goes. Who gathers gets
 * all from its sources; of a source nobody has all and no more.
 */
function assertMay(cluster: Cluster, { name }: Node): void {
  const settings = settingsOf(cluster);
  const { shape } = settings;
  if (MANY_WRITERS.has(shape) || roleIn(settings, name) !== 'primary') return;
  if (shape === 'fan-in') {
    throw new UsageError(
      `${name} is a source, and nobody has what it has but for who gathers that, mixed with what others have: it can't be copied from anywhere.`,
      { suggestions: [`dbns remove ${cluster.name} ${name}`, `dbns add ${cluster.name}`] },
    );
  }
  const heir = heirOf(settings, name);
  throw new ConflictError(`${name} is the primary: promote another first.`, {
    suggestions: [`dbns promote ${cluster.name} ${heir ?? 'NODE'}`, `dbns rebuild ${cluster.name} ${name}`],
  });
}

/** Who applies all, at once. */
function heirOf(settings: ReplicationSettings, primary: string): string | undefined {
  return Object.keys(settings.sources).find((name) => name !== primary && !isPartial(settings, name));
}
