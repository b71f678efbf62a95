import { shop } from '../shop.js';
import type { Session } from './client.js';

/** Documents of one insert. */
const BATCH = 500;

/** Fills the database `shop`: `customers`, `products`, and `orders` with their lines in them. Prices are in cents. */
export async function fillShop(session: Session): Promise<void> {
  const { customers, products, orders } = shop();
  const db = session.db('shop');
  const collections: Readonly<Record<string, readonly { readonly id: number }[]>> = { customers, products, orders };
  for (const [name, rows] of Object.entries(collections)) {
    const documents = rows.map(({ id, ...rest }) => ({ _id: id, ...rest }));
    for (let at = 0; at < documents.length; at += BATCH) {
      await db.collection<{ _id: number }>(name).insertMany(documents.slice(at, at + BATCH));
    }
  }
}
