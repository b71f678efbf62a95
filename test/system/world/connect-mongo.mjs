// connect-mongo.mjs  connects by MONGODB_URI as an application would, writes and reads, and prints what it found.
import process from 'node:process';
import { MongoClient } from 'mongodb';

const client = new MongoClient(process.env.MONGODB_URI, { serverSelectionTimeoutMS: 10_000 });
const hosts = new Set();
client.on('topologyDescriptionChanged', ({ newDescription }) => {
  for (const [host, { type }] of newDescription.servers) if (type !== 'Unknown') hosts.add(host);
});
const things = client.db('shop').collection('places', { writeConcern: { w: 'majority' } });
const { insertedId } = await things.insertOne({ from: 'a driver' });
const found = await things.findOne({ _id: insertedId }, { readPreference: 'primary' });
await new Promise((resolve) => setTimeout(resolve, 500));
console.log(JSON.stringify({ hosts: [...hosts].sort(), found: found?.from ?? null }));
await client.close();
