/**
 * Brings what has changed between two renderings of a configuration into the file as it lies there, line by line: what
 * somebody wrote into it stays. Renderings that differ have as many lines.
 */
export function carryOver(before: string, after: string, present: string): string {
  const [former, now] = [before.split('\n'), after.split('\n')];
  if (former.length !== now.length) throw new Error('two renderings of a configuration differ by more than values');
  const changed = new Map(former.flatMap((line, index) => (line === now[index] ? [] : [[line, now[index] ?? '']])));
  return present
    .split('\n')
    .map((line) => changed.get(line) ?? line)
    .join('\n');
}
