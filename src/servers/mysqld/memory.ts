import type { ServerBuild } from '../../cluster/server.js';
import { assertBudget } from '../budget.js';
import { familyOf, type Family } from './dialects.js';

const MIB = 1024 * 1024;

/** Sizes that follow from a node's memory budget; bytes unless said otherwise. */
export interface MemoryPlan {
  readonly bufferPool: number;
  readonly logBuffer: number;
  readonly keyBuffer: number;
  readonly ariaPageCache: number;
  readonly redoLog: number;
  /** Counts. */
  readonly connections: number;
  readonly openTables: number;
  readonly tableDefinitions: number;
}

/** Without a budget: as small as a server stays useful for tests (measured: 84 MB resident, MariaDB 10.11 with Galera). */
const LEAN: Omit<MemoryPlan, 'tableDefinitions'> = {
  bufferPool: 16 * MIB,
  logBuffer: 2 * MIB,
  keyBuffer: MIB,
  ariaPageCache: 2 * MIB,
  redoLog: 16 * MIB,
  connections: 50,
  openTables: 128,
};

/** How many table definitions a server keeps at least: MySQL raises less to 400, and warns. */
const LEAST_DEFINITIONS: Readonly<Record<Family, number>> = { mariadb: 256, mysql: 400 };

/**
 * What a server takes besides its buffer pool when it works. Measured with a pool of 16 MB: MariaDB 119 MB loaded; MySQL 9.7
 * 285 MB as a member of a group, 254 MB as a replica of two sources, 189 MB of one.
 */
const BASE: Readonly<Record<Family, number>> = { mariadb: 104 * MIB, mysql: 256 * MIB };

/** The smallest budgets that leave a buffer pool worth the name. */
export const LEAST_MEMORY: Readonly<Record<Family, number>> = { mariadb: 128 * MIB, mysql: 288 * MIB };

/** @throws UsageError when a budget is too little for one of these servers. */
export function assertMemory(servers: Iterable<ServerBuild>, budget: number | null): void {
  for (const server of servers) planMemory(budget, familyOf(server));
}

/** Bytes of Galera's write-set cache, on disk; its pages count as resident while they are in use. */
export function gcacheOf(budget: number | null): number {
  return budget === null ? 8 * MIB : clamp(wholeMib(budget / 16), 8 * MIB, 1024 * MIB);
}

/**
 * Splits a node's whole memory budget: seven tenths of what the server itself leaves go to the buffer pool, the rest is
 * for its bookkeeping, connections, caches and the pages of gcache (measured: 256 MB are kept with a full pool).
 * @throws UsageError below LEAST_MEMORY.
 */
export function planMemory(budget: number | null, family: Family): MemoryPlan {
  const definitions = LEAST_DEFINITIONS[family];
  if (budget === null) return { ...LEAN, tableDefinitions: definitions };
  assertBudget(budget, LEAST_MEMORY[family]);
  const bufferPool = wholeMib((budget - BASE[family]) * 0.7);
  return {
    bufferPool,
    logBuffer: clamp(wholeMib(bufferPool / 16), 2 * MIB, 64 * MIB),
    keyBuffer: clamp(wholeMib(budget / 128), MIB, 16 * MIB),
    ariaPageCache: clamp(wholeMib(budget / 64), 2 * MIB, 128 * MIB),
    redoLog: clamp(wholeMib(bufferPool / 2), 16 * MIB, 2048 * MIB),
    connections: Math.round(clamp(budget / (4 * MIB), 50, 500)),
    openTables: Math.round(clamp(budget / MIB, 128, 2000)),
    tableDefinitions: Math.round(clamp(budget / MIB, definitions, 1400)),
  };
}

function wholeMib(bytes: number): number {
  return Math.floor(bytes / MIB) * MIB;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
