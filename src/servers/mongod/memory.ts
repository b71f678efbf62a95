import { assertBudget } from '../budget.js';

const MIB = 1024 * 1024;

/** What a mongod takes besides WiredTiger's cache: measured with MongoDB 4.0.3, see docs/mongo.md. */
const BASE = 80 * MIB;
const LEAN_CACHE = 64 * MIB;
/** The least budget that leaves a cache worth the name. */
const LEAST = 112 * MIB;

/**
 * Bytes of WiredTiger's cache for a node's whole budget: without one as little as a server stays useful for tests, never
 * the default, half of the machine for each node.
 * @throws UsageError for a budget that is too little.
 */
export function cacheOf(budget: number | null): number {
  if (budget === null) return LEAN_CACHE;
  assertBudget(budget, LEAST);
  return Math.floor(((budget - BASE) * 0.8) / MIB) * MIB;
}
