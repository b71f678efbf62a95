/** A small shop, of which every row follows from a seed: the same on every machine, in every version. */
export interface Shop {
  readonly customers: readonly Customer[];
  readonly products: readonly Product[];
  readonly orders: readonly Order[];
}

export interface Customer {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly city: string;
  /** ISO 8601 date. */
  readonly since: string;
}

export interface Product {
  readonly id: number;
  readonly name: string;
  /** In cents. */
  readonly price: number;
}

export interface Order {
  readonly id: number;
  readonly customer: number;
  /** `2026-01-31 12:34:56`, UTC. */
  readonly placedAt: string;
  readonly status: 'paid' | 'shipped' | 'returned';
  readonly lines: readonly OrderLine[];
}

/** Of one product an order has one line. */
export interface OrderLine {
  readonly product: number;
  readonly quantity: number;
  /** In cents, of one. */
  readonly price: number;
}

/** How many there are; of lines there are one to four an order. */
const COUNTS = { customers: 500, products: 100, orders: 2000 } as const;
const SEED = 20_260_101;

const FIRST = ['Ada', 'Bruno', 'Chloé', 'Dmitri', 'Elif', 'Fatou', 'Grete', 'Hiro', 'Inés', 'Jürgen', 'Łucja', 'Noor'];
const LAST = ['Abe', 'Brandt', 'Costa', 'Dubois', 'Eriksen', 'Ferrari', 'Gómez', 'Haddad', 'Ivanova', 'Jansen', 'Kaya'];
const CITIES = ['Lisboa', 'Kraków', 'Nairobi', 'Oslo', 'Québec', 'Sapporo', 'São Paulo', 'Wien', 'Zürich'];
const KINDS = ['bowl', 'chair', 'cup', 'jar', 'lamp', 'plate', 'shelf', 'table', 'teapot', 'vase'];
const MATERIALS = ['ash', 'brass', 'clay', 'cork', 'glass', 'linen', 'oak', 'slate', 'steel', 'wool'];

export function shop(): Shop {
  const draw = drawsFrom(SEED);
  const customers = counted(COUNTS.customers, (id) => customer(id, draw));
  const products = counted(COUNTS.products, (id) => product(id, draw));
  const orders = counted(COUNTS.orders, (id) => order(id, products, draw));
  return { customers, products, orders };
}

/** A whole number below a limit. */
type Draw = (limit: number) => number;

function customer(id: number, draw: Draw): Customer {
  const [first, last] = [oneOf(FIRST, draw), oneOf(LAST, draw)];
  const since = new Date(Date.UTC(2020, 0, 1 + draw(2000))).toISOString().slice(0, 10);
  return { id, name: `${first} ${last}`, email: `customer${id}@example.com`, city: oneOf(CITIES, draw), since };
}

function product(id: number, draw: Draw): Product {
  const [kind, material] = [KINDS[(id - 1) % KINDS.length], MATERIALS[Math.floor((id - 1) / KINDS.length)]];
  return { id, name: `${material ?? ''} ${kind ?? ''}`, price: 199 + 100 * draw(200) };
}

function order(id: number, products: readonly Product[], draw: Draw): Order {
  const chosen = new Set(counted(1 + draw(4), () => draw(products.length)));
  return {
    id,
    customer: 1 + draw(COUNTS.customers),
    placedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, draw(180 * 24 * 3600))).toISOString().slice(0, 19).replace('T', ' '),
    status: oneOf(['paid', 'shipped', 'shipped', 'shipped', 'returned'], draw),
    lines: [...chosen].flatMap((position) => {
      const of = products[position];
      return of === undefined ? [] : [{ product: of.id, quantity: 1 + draw(5), price: of.price }];
    }),
  };
}

function counted<T>(count: number, make: (number: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}

function oneOf<T>(all: readonly T[], draw: Draw): T {
  const found = all[draw(all.length)];
  if (found === undefined) throw new Error('nothing to draw from');
  return found;
}

/** mulberry32, whose numbers are the same in every version of Node. */
function drawsFrom(seed: number): Draw {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}
