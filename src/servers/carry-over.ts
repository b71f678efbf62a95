import type { Node } from '../cluster/cluster.js';
import type { Step } from '../cluster/plan.js';
import type { Machine } from '../host/machine.js';

/**
 * Writes into the configuration of a node that lives what has changed in it; a start reads it.
 * @param formers renderings of which the file may be one: more than one where a change was broken off
 */
export function carryOverStep(
  { files }: Machine,
  node: Node,
  file: 'my.cnf' | 'mongos.conf',
  formers: readonly string[],
  now: string,
): Step {
  const path = `${node.directory}/${file}`;
  const present = files.read(path) ?? now;
  const content = formers.reduce((text, former) => carryOver(former, now, text), present);
  return {
    step: `bring ${file} of ${node.name} up to date`,
    acts: [{ do: 'write', path, content, mode: 0o644, owner: 'root' }],
  };
}

/**
 * Brings what has changed between two renderings of a configuration into the file as it lies there, line by line: what
 * somebody wrote into it stays, and an option that somebody set otherwise is left alone. Once more changes nothing.
 */
export function carryOver(former: string, now: string, present: string): string {
  const lines = present.split('\n');
  for (const change of changesBetween(former.split('\n'), now.split('\n'))) apply(change, lines);
  return lines.join('\n');
}

/** Lines that went and came at one place; `after` is the last before it that both renderings have, null at the top. */
interface Change {
  readonly after: string | null;
  readonly gone: string[];
  readonly come: string[];
}

function changesBetween(former: readonly string[], now: readonly string[]): Iterable<Change> {
  const changes = new Map<string | null, Change>();
  const collect = (lines: readonly string[], others: readonly string[], which: 'gone' | 'come') => {
    const common = new Set(others);
    let after: string | null = null;
    for (const line of lines) {
      if (!common.has(line)) {
        const change = changes.get(after) ?? { after, gone: [], come: [] };
        change[which].push(line);
        changes.set(after, change);
      } else if (line !== '') after = line;
    }
  };
  collect(former, now, 'gone');
  collect(now, former, 'come');
  return changes.values();
}

function apply({ after, gone, come }: Change, lines: string[]): void {
  const even = gone.length === come.length;
  gone.forEach((line, index) => {
    const at = lines.indexOf(line);
    if (at < 0) return;
    const instead = come.find((other) => isSameOption(other, line)) ?? (even ? come[index] : undefined);
    if (instead === undefined || lines.includes(instead)) lines.splice(at, 1);
    else lines[at] = instead;
  });
  const there = new Set(lines.map(optionIn));
  const missing = come.filter((line) => optionIn(line) !== null && !there.has(optionIn(line)));
  lines.splice(placeAfter(after, lines), 0, ...missing);
}

function isSameOption(one: string, other: string): boolean {
  return optionIn(one) !== null && optionIn(one) === optionIn(other);
}

/** At the end where somebody took that line away. */
function placeAfter(line: string | null, lines: readonly string[]): number {
  if (line === null) return 0;
  const at = lines.indexOf(line);
  return at < 0 ? lines.length : at + 1;
}

/** `port = 3306` → `port`; null for a section, a comment and the like. */
function optionIn(line: string): string | null {
  const [, name] = /^\s*([\w.-]+)\s*[=:]/.exec(line) ?? [];
  return name?.replaceAll('-', '_') ?? null;
}
