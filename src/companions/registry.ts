import { UsageError } from '../errors/errors.js';
import type { CompanionKind } from './companion.js';
import { haproxy } from './haproxy/haproxy.js';
import { proxysql } from './proxysql/proxysql.js';
import { router } from './router/router.js';

/** All kinds of companions: a new one is a folder and a line here. */
export const COMPANION_KINDS: readonly CompanionKind[] = [haproxy, proxysql, router];

/** @throws UsageError naming those that there are. */
export function companionKind(name: string): CompanionKind {
  const kind = COMPANION_KINDS.find((candidate) => candidate.name === name);
  if (kind !== undefined) return kind;
  const names = COMPANION_KINDS.map((candidate) => candidate.name);
  throw new UsageError(`There is no kind of proxy '${name}'. There are: ${names.join(', ')}.`);
}
