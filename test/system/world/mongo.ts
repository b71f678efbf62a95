import { MongoClient, type Document, type WriteConcernSettings } from 'mongodb';
import { fileURLToPath } from 'node:url';
import type { ClusterView, NodeView } from '../../../src/lifecycle/view.js';
import { run, type CommandOptions } from './command.js';
import { dbns } from './machine.js';
import type { Place } from './places.js';

/** Where a mongod is, in dbns's words: `dir:/opt/…`. None can be installed from Debian or npm: without it tests skip. */
export const MONGOD = process.env.DBNS_TEST_MONGOD ?? '';

/** For each test that needs a mongod: skipped where there is none. */
export const needsMongod = { skip: MONGOD === '' };

/** `dbns mongo create … --json`: the cluster that it printed. */
export async function createMongo(words: readonly string[] = [], options?: CommandOptions): Promise<ClusterView> {
  return (await dbns(['mongo', 'create', '--image', MONGOD, ...words, '--json'], options)).json as ClusterView;
}

const CONNECT = fileURLToPath(new URL('./connect-mongo.mjs', import.meta.url));

/** What a driver that runs at a place finds by a URI: the set's members, and what it wrote and read again. */
export async function discoverAt(place: Place, uri: string): Promise<Document> {
  const { stdout } = await run([...place, process.execPath, CONNECT], { env: { MONGODB_URI: uri } });
  return JSON.parse(stdout) as Document;
}

/** The URI of a socket, for the node alone. */
export const atSocket = ({ socket }: NodeView) => `mongodb://${encodeURIComponent(socket)}/?directConnection=true`;

/** Asks by a new client, which is closed afterwards. */
export async function withMongo<T>(uri: string, work: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 20_000, connectTimeoutMS: 5000 });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

export function admin(uri: string, command: Document): Promise<Document> {
  return withMongo(uri, (client) => client.db('admin').command(command));
}

/** Writes a number into shop.t. */
export async function insertNumber(uri: string, number: number, writeConcern: WriteConcernSettings): Promise<void> {
  await withMongo(uri, (client) =>
    client.db('shop').collection<{ _id: number }>('t').insertOne({ _id: number }, { writeConcern }),
  );
}

/** The numbers in shop.t as a node has them, whatever its part in the set is. */
export function numbersOn(uri: string): Promise<number[]> {
  return withMongo(uri, async (client) => {
    const rows = await client
      .db('shop')
      .collection<{ _id: number }>('t')
      .find({}, { readPreference: 'secondaryPreferred' })
      .toArray();
    return rows.map(({ _id }) => _id).sort((a, b) => a - b);
  });
}
