import { client, connection } from './connection.js';
import { explain } from './explain.js';
import { inspectMysqld } from './inspect.js';

/** What is the same in every topology of mysqlds: how one is found, reached, and told why it did not start. */
export const mysqldPart = { socketName: 'mysqld.sock', inspect: inspectMysqld, explain, connection, client } as const;
