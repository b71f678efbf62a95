/**
 * What is said of nodes that take writes and know nothing of each other: each then has what the others lack, and nothing
 * brings it together again. By name; empty when all is well. One that knows the other but is not known yet has just
 * come, and is no stranger.
 */
export function splitBrain(
  writers: readonly string[],
  knows: (one: string, other: string) => boolean = () => false,
): ReadonlyMap<string, string> {
  const strangers = writers.filter((one) =>
    writers.some((other) => other !== one && !knows(one, other) && !knows(other, one)),
  );
  const sentence = `split brain: ${enumerate(strangers)} take writes independently of each other`;
  return new Map(strangers.map((name) => [name, sentence]));
}

/** `node1, node2 and node3` */
function enumerate(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}
