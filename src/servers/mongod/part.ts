import type { ServerKind } from '../kind.js';
import { inspectMongod } from './inspect.js';

/** MongoDB: whatever has a mongod. */
export const mongodKind: ServerKind = { name: 'mongod', inspect: inspectMongod };
