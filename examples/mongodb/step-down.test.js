import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterPerFile } from 'dbns/node-test';
import { MongoClient } from 'mongodb';

const image = process.env.DBNS_IMAGE ?? 'mongodb:8.0';
const cluster = clusterPerFile({ topology: 'mongo', nodes: 3, image, pull: true });

test('a driver writes through a step-down', async () => {
  const client = new MongoClient(await cluster().uri());
  try {
    const orders = client.db('shop').collection('orders');
    await orders.insertOne({ _id: 1 }, { writeConcern: { w: 'majority' } });
    const former = await cluster().primary();
    const next = (await cluster().nodes()).find(({ name }) => name !== former.name);
    await next.promote();
    await orders.insertOne({ _id: 2 }, { writeConcern: { w: 'majority' } });
    assert.deepEqual(await orders.find().sort({ _id: 1 }).toArray(), [{ _id: 1 }, { _id: 2 }]);
    assert.equal((await cluster().primary()).name, next.name);
  } finally {
    await client.close();
  }
});
