/** @typedef {{runs: number, median: number, min: number, max: number}} Summary */

/** @param {readonly number[]} numbers at least one @returns {Summary} */
export function summarise(numbers) {
  return { runs: numbers.length, median: median(numbers), min: Math.min(...numbers), max: Math.max(...numbers) };
}

/** @param {readonly number[]} numbers at least one */
export function median(numbers) {
  const sorted = ascending(numbers);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The least sample that `share` (0 to 1) of all do not exceed. @param {readonly number[]} numbers @param {number} share */
export function percentile(numbers, share) {
  return ascending(numbers)[Math.ceil(numbers.length * share) - 1];
}

function ascending(numbers) {
  return [...numbers].sort((a, b) => a - b);
}
