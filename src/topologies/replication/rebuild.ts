import type { Cluster, Node } from '../../cluster/cluster.js';
import { ConflictError, UsageError } from '../../errors/errors.js';
import type { Rebuild } from '../rebuild.js';
import { accept } from './accept.js';
import { isPartial, roleIn, settingsOf, type ReplicationSettings } from './settings.js';
import { PROMOTING } from './shapes.js';

export const rebuild: Rebuild = { assertMay, accept };

/** In other shapes every node has what it was told, and nobody else stands in for it. */
function assertMay(cluster: Cluster, { name }: Node): void {
  const settings = settingsOf(cluster);
  const { shape } = settings;
  if (!PROMOTING.has(shape)) {
    throw new UsageError(
      `In the shape ${shape} nobody else has all that ${name} has: a node of a star or a chain is rebuilt.`,
      { suggestions: [`dbns remove ${cluster.name} ${name}`, `dbns add ${cluster.name}`] },
    );
  }
  if (roleIn(settings, name) !== 'primary') return;
  const heir = heirOf(settings, name);
  throw new ConflictError(`${name} is the primary: promote another first.`, {
    suggestions: [`dbns promote ${cluster.name} ${heir ?? 'NODE'}`, `dbns rebuild ${cluster.name} ${name}`],
  });
}

/** Who applies all, at once. */
function heirOf(settings: ReplicationSettings, primary: string): string | undefined {
  return Object.keys(settings.sources).find((name) => name !== primary && !isPartial(settings, name));
}
