const mysql = require('mysql2/promise');
const { clusterPerFile } = require('dbns/jest');

const cluster = clusterPerFile({ topology: 'pxc', nodes: 3, image: 'mariadb:10.11', pull: true });

async function query(uri, sql) {
  const connection = await mysql.createConnection(uri);
  try {
    return (await connection.query(sql))[0];
  } finally {
    await connection.end();
  }
}

test('what is written at one node is read at another', async () => {
  await query(await cluster().node('node1').uri(), 'CREATE DATABASE shop');
  await query(await cluster().node('node1').uri(), 'CREATE TABLE shop.t (id INT PRIMARY KEY)');
  await query(await cluster().node('node1').uri(), 'INSERT INTO shop.t VALUES (1)');
  await cluster().wait('synced');
  expect(await query(await cluster().node('node3').uri(), 'SELECT id FROM shop.t')).toEqual([{ id: 1 }]);
}, 30_000);

test('an isolated node refuses clients, and comes back', async () => {
  await cluster().partition({ isolate: 'node3', for: '2m' });
  const uri = await cluster().node('node3').uri();
  // It believes in its component until evs.suspect_timeout is over.
  while (
    await query(uri, 'SELECT id FROM shop.t').then(
      () => true,
      (error) => !/WSREP/.test(error.message),
    )
  ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await cluster().heal();
  await cluster().wait('ready', { timeout: '2m' });
  expect(await query(uri, 'SELECT id FROM shop.t')).toEqual([{ id: 1 }]);
}, 180_000);

test('errors have a code', async () => {
  await expect(cluster().node('node9').uri()).rejects.toMatchObject({ code: 'DBNS_NOT_FOUND' });
});
