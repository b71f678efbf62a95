/** Caches come under this heading of a snapshot; they may differ. */
const MAY_DIFFER = /^# .*: may stay$/;

/**
 * What two snapshots differ in, a line each under its heading: `+` is left behind, `-` is missing. Empty when nothing.
 */
export function difference(before: string, after: string): string {
  const [earlier, later] = [sections(before), sections(after)];
  return [...new Set([...earlier.keys(), ...later.keys()])]
    .filter((heading) => !MAY_DIFFER.test(heading))
    .flatMap((heading) => differenceUnder(heading, earlier.get(heading) ?? [], later.get(heading) ?? []))
    .join('\n');
}

function differenceUnder(heading: string, before: readonly string[], after: readonly string[]): string[] {
  const lines = [
    ...without(after, before).map((line) => `+ ${line}`),
    ...without(before, after).map((line) => `- ${line}`),
  ];
  return lines.length === 0 ? [] : [heading, ...lines];
}

function sections(snapshot: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of snapshot.split('\n').filter((text) => text !== '')) {
    if (line.startsWith('# ')) found.set(line, (lines = []));
    else lines.push(line);
  }
  return found;
}

/** The lines of `all` less those of `some`, each as often as it is there. */
function without(all: readonly string[], some: readonly string[]): string[] {
  const rest = [...some];
  return all.filter((line) => {
    const index = rest.indexOf(line);
    if (index !== -1) rest.splice(index, 1);
    return index === -1;
  });
}
