/** The words before and after the first `--`: what follows belongs to another program. */
export function afterDashes(words: readonly string[]): {
  readonly before: readonly string[];
  readonly after: readonly string[];
} {
  const at = words.indexOf('--');
  return at < 0 ? { before: words, after: [] } : { before: words.slice(0, at), after: words.slice(at + 1) };
}
