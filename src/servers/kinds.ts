import type { ServerKind } from './kind.js';
import { mongodKind } from './mongod/part.js';
import { mysqldKind } from './mysqld/part.js';

/** All kinds of servers: a new one is a folder and a line here. */
export const SERVER_KINDS: readonly ServerKind[] = [mysqldKind, mongodKind];
