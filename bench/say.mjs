const began = performance.now();

/** A line of progress, on stderr. @param {string} words */
export function say(words) {
  process.stderr.write(`[${((performance.now() - began) / 1000).toFixed(1)} s] ${words}\n`);
}
