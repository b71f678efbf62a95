import type { ServerKind } from '../kind.js';
import { inspectMongod, PROGRAMS } from './inspect.js';

/** MongoDB: whatever has a mongod. */
export const mongodKind: ServerKind = { name: 'mongod', roles: Object.keys(PROGRAMS), inspect: inspectMongod };
