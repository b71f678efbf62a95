/** Whether all is tried (`test/run --thorough`), or a sample. */
export const THOROUGH = process.env.DBNS_TEST_THOROUGH === '1';

/** The seed of all that a test draws by chance: told by `test/run`, so that the same can be drawn again. */
export const SEED = Number(process.env.DBNS_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The numbers of a test file. */
export const random = numbersFrom(SEED);

/** All of a list in a thorough run, else `count` of it, drawn by the seed, in their order. */
export function sample<T>(all: readonly T[], count: number): readonly T[] {
  if (THOROUGH || all.length <= count) return all;
  const drawn = all.map((item, index) => ({ item, index, lot: random() })).sort((a, b) => a.lot - b.lot);
  return drawn
    .slice(0, count)
    .sort((a, b) => a.index - b.index)
    .map(({ item }) => item);
}
