import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { clusterPerFile } from 'dbns/node-test';
import { Database } from './database.js';

const cluster = clusterPerFile({ topology: 'replication', nodes: 3, image: 'mariadb:10.11', pull: true });

let database;
beforeEach(async () => {
  const { hosts, user, password } = await cluster().connection();
  database = new Database(hosts, { user, password });
  await database.write('CREATE DATABASE IF NOT EXISTS shop');
  await database.write('CREATE TABLE IF NOT EXISTS shop.orders (id INT PRIMARY KEY)');
});

test('reads come from replicas', async () => {
  await database.write('REPLACE INTO shop.orders VALUES (1)');
  await cluster().wait('synced');
  const [{ name }] = await database.read('SELECT @@hostname AS name FROM shop.orders WHERE id = 1');
  assert.match(name, /^node[23]$/);
});

test('the application goes on when its primary dies', async () => {
  const former = await cluster().primary();
  await former.kill();
  const writing = database.write('REPLACE INTO shop.orders VALUES (2)');
  const next = (await cluster().nodes()).find(({ name }) => name !== former.name);
  await next.promote({ force: true });
  await writing;
  assert.equal((await cluster().primary()).name, next.name);
});
