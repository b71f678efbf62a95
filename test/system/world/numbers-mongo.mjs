// numbers-mongo.mjs URI [COUNT]  writes 1 to COUNT with majority concern, if that is said; prints how many numbers are there, and their sum.
import process from 'node:process';
import { MongoClient } from 'mongodb';

const [uri, count = 0] = process.argv.slice(2);
const client = new MongoClient(uri);
const numbers = client
  .db('shop')
  .collection('t', { writeConcern: { w: 'majority' }, readPreference: 'primaryPreferred' });
for (let _id = 1; _id <= Number(count); _id++) await numbers.insertOne({ _id });
const ids = (await numbers.find().toArray()).map(({ _id }) => _id);
console.log(`${ids.length} ${ids.reduce((sum, id) => sum + id, 0)}`);
await client.close();
