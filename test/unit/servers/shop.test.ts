import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { shopStatements } from '../../../src/servers/mysqld/shop.js';
import { shop } from '../../../src/servers/shop.js';

describe('the shop', () => {
  const { customers, products, orders } = shop();
  const lines = orders.flatMap((order) => order.lines);

  test('is small, and has a few thousand rows', () => {
    expect([customers, products, orders].map(({ length }) => length)).toEqual([500, 100, 2000]);
    expect(lines).toHaveLength(4938);
  });

  test('refers to what is there, and has nothing twice', () => {
    const ids = (rows: readonly { readonly id: number }[]) => new Set(rows.map(({ id }) => id));
    expect(orders.every(({ customer }) => ids(customers).has(customer))).toBe(true);
    expect(lines.every(({ product }) => ids(products).has(product))).toBe(true);
    for (const rows of [customers, products, orders]) expect(ids(rows).size).toBe(rows.length);
    for (const { lines: own } of orders) expect(new Set(own.map(({ product }) => product)).size).toBe(own.length);
    expect(new Set(products.map(({ name }) => name)).size).toBe(products.length);
  });

  test('is the same everywhere and always', () => {
    const hash = createHash('sha256').update(JSON.stringify(shop())).digest('hex');
    expect(hash).toMatchInlineSnapshot(`"97cbad64a8f037c0912f4215f9d6615b8fa6fd084be5567bf7c086a73b3b771f"`);
  });

  test('has no text that a statement would have to quote', () => {
    expect(JSON.stringify(shop())).not.toMatch(/['\\]/);
  });
});

test('in SQL the tables come before those that refer to them, each with a primary key, and rows in batches', () => {
  const statements = [...shopStatements()];
  const made = statements.flatMap((text) => /^CREATE TABLE shop\.(\w+)/.exec(text)?.[1] ?? []);
  expect(made).toEqual(['customers', 'products', 'orders', 'order_lines']);
  expect(statements.filter((text) => text.includes('PRIMARY KEY'))).toHaveLength(4);
  expect(Math.max(...statements.map(({ length }) => length))).toBeLessThan(64 * 1024);
  expect(statements.find((text) => text.startsWith('INSERT INTO shop.products'))).toMatch(/\(1, 'ash bowl', '8\.99'\)/);
});
