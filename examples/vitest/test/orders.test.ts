import mysql from 'mysql2/promise';
import { describe, expect } from 'vitest';
import { sharedCluster } from 'dbns/vitest';

const test = sharedCluster();

async function query(uri: string, sql: string): Promise<unknown> {
  const connection = await mysql.createConnection(uri);
  try {
    return (await connection.query(sql))[0];
  } finally {
    await connection.end();
  }
}

describe('each test finds the cluster as new', () => {
  for (let number = 1; number <= 20; number++) {
    test(`order ${number} is the first one, and arrives at the replica`, async ({ cluster }) => {
      const primary = await cluster.uri();
      await query(primary, 'CREATE DATABASE shop');
      await query(primary, 'CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, number INT)');
      await query(primary, `INSERT INTO shop.orders (number) VALUES (${number})`);
      await cluster.wait('synced');
      const replica = await cluster.node('node2').uri();
      expect(await query(replica, 'SELECT number FROM shop.orders')).toEqual([{ number }]);
    });
  }
});
