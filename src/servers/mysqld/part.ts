import { client, connecting, connection } from './connection.js';
import { inspectMysqld, ROLES } from './inspect.js';
import { mysqldLog } from './log.js';
import { reloadTls } from './tls.js';
import { write } from './write.js';
import type { ServerKind } from '../kind.js';

/** MySQL, MariaDB and Percona's: whatever has a mysqld or mariadbd. */
export const mysqldKind: ServerKind = { name: 'mysqld', roles: ROLES, inspect: inspectMysqld, reloadTls };

/** What is the same in every topology of mysqlds: how one is found, reached, and told why it did not start. */
export const mysqldPart = {
  socketName: 'mysqld.sock',
  kind: mysqldKind,
  log: mysqldLog,
  connection,
  write,
  client,
  connecting,
} as const;
