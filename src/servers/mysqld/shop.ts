import { shop } from '../shop.js';

/** Rows of one INSERT. */
const BATCH = 500;

type Value = string | number;

/** The tables of the shop, those first that others refer to. */
const TABLES = [
  `customers (
  id INT PRIMARY KEY,
  name VARCHAR(80) NOT NULL,
  email VARCHAR(120) NOT NULL UNIQUE,
  city VARCHAR(40) NOT NULL,
  since DATE NOT NULL
)`,
  `products (
  id INT PRIMARY KEY,
  name VARCHAR(80) NOT NULL UNIQUE,
  price DECIMAL(10, 2) NOT NULL
)`,
  `orders (
  id INT PRIMARY KEY,
  customer_id INT NOT NULL,
  placed_at DATETIME NOT NULL,
  status VARCHAR(20) NOT NULL,
  FOREIGN KEY (customer_id) REFERENCES customers (id)
)`,
  `order_lines (
  order_id INT NOT NULL,
  product_id INT NOT NULL,
  quantity INT NOT NULL,
  price DECIMAL(10, 2) NOT NULL,
  PRIMARY KEY (order_id, product_id),
  FOREIGN KEY (order_id) REFERENCES orders (id),
  FOREIGN KEY (product_id) REFERENCES products (id)
)`,
];

/** The database `shop`, a statement each: four tables of InnoDB with primary and foreign keys, and their rows. */
export function* shopStatements(): Generator<string> {
  yield 'CREATE DATABASE shop CHARACTER SET utf8mb4';
  for (const table of TABLES) yield `CREATE TABLE shop.${table} ENGINE = InnoDB`;
  const { customers, products, orders } = shop();
  yield* inserts(
    'customers',
    customers.map(({ id, name, email, city, since }) => [id, name, email, city, since]),
  );
  yield* inserts(
    'products',
    products.map(({ id, name, price }) => [id, name, euros(price)]),
  );
  yield* inserts(
    'orders',
    orders.map(({ id, customer, placedAt, status }) => [id, customer, placedAt, status]),
  );
  yield* inserts(
    'order_lines',
    orders.flatMap(({ id, lines }) =>
      lines.map(({ product, quantity, price }) => [id, product, quantity, euros(price)]),
    ),
  );
}

function* inserts(table: string, rows: readonly (readonly Value[])[]): Generator<string> {
  for (let at = 0; at < rows.length; at += BATCH) {
    const values = rows.slice(at, at + BATCH).map((row) => `(${row.map(literal).join(', ')})`);
    yield `INSERT INTO shop.${table} VALUES ${values.join(', ')}`;
  }
}

/** Of texts that have neither quotes nor backslashes. */
function literal(value: Value): string {
  return typeof value === 'number' ? String(value) : `'${value}'`;
}

function euros(cents: number): string {
  return (cents / 100).toFixed(2);
}
