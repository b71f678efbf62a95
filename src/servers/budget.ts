import { UsageError } from '../errors/errors.js';

const MIB = 1024 * 1024;

/** @throws UsageError for a node's memory budget, bytes, below the least that its server can be held to. */
export function assertBudget(budget: number, least: number): void {
  if (budget >= least) return;
  throw new UsageError(`--memory ${Math.floor(budget / MIB)}M is too little for a node: the least is ${least / MIB}M.`);
}
