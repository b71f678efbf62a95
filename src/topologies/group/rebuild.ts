import { ConflictError } from '../../errors/errors.js';
import type { Rebuild } from '../rebuild.js';
import { settingsOf } from './settings.js';

export const rebuild: Rebuild = {
  assertMay(cluster, { name }, role) {
    if (role !== 'primary' || settingsOf(cluster).multiPrimary) return;
    throw new ConflictError(`${name} is the primary: promote another first.`, {
      suggestions: [`dbns promote ${cluster.name} NODE`, `dbns rebuild ${cluster.name} ${name}`],
    });
  },
  accept: 'What a member has and its group never had is not accepted by dbns: rebuild it without --accept.',
};
