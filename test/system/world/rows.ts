import { expect } from 'vitest';
import { statusOf } from './cluster.js';
import { query, socketOf } from './machine.js';

/** A table of numbers, `lab.t`, on the first node. */
export async function makeTable(cluster: string): Promise<void> {
  const socket = socketOf(cluster, 'node1');
  await query(socket, 'CREATE DATABASE IF NOT EXISTS lab');
  await query(socket, 'CREATE TABLE IF NOT EXISTS lab.t (id INT PRIMARY KEY)');
}

/** A number that is written to it comes to all that run. */
export async function expectArrives(cluster: string, row: number): Promise<void> {
  await query(socketOf(cluster, 'node1'), `INSERT INTO lab.t VALUES (${row})`);
  for (const { name, process } of (await statusOf(cluster)).nodes) {
    if (process !== 'running') continue;
    const rows = () => query(socketOf(cluster, name), `SELECT id FROM lab.t WHERE id = ${row}`);
    await expect.poll(async () => (await rows()).length).toBe(1);
  }
}
