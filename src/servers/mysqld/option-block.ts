import type { ServerOption } from '../../cluster/cluster.js';
import { optionLines, optionName } from './options.js';
import { asSeenInside } from './own-files.js';

/** What stands in a my.cnf before the options that were given; as templates/mysqld/options.cnf.hbs has it. */
const HEAD = '# Given with --my-cnf and --my-cnf-option.';

/** The lines of a my.cnf that were given; `begin` is that of the head, `end` the line after the last. */
interface Block {
  readonly begin: number;
  readonly end: number;
}

/**
 * A my.cnf with these options as the ones that were given, all of a node's. What somebody wrote among them by hand stays, but for options of
 * the names in `changed`. Once more changes nothing.
 */
export function withOptions(config: string, options: readonly ServerOption[], changed: ReadonlySet<string>): string {
  const lines = config.split('\n');
  const found = blockIn(lines);
  const names = new Set([...changed, ...options.map(({ key }) => optionName(key))]);
  const strange = optionsIn(found === null ? [] : lines.slice(found.begin + 1, found.end)).filter(
    ({ key }) => !names.has(optionName(key)),
  );
  const given = optionLines([...strange, ...asSeenInside(options)]);
  const block = given.length === 0 ? [] : [HEAD, ...given];
  if (found !== null) return [...lines.slice(0, found.begin), ...block, ...lines.slice(found.end)].join('\n');
  if (block.length === 0) return config;
  const at = placeIn(lines);
  const head = sectionAt(lines, at) === 'mysqld' ? [] : ['[mysqld]'];
  return [...lines.slice(0, at), ...head, ...block, '', ...lines.slice(at)].join('\n');
}

/** The last value that a my.cnf gives an option of every server; null when none does. */
export function valueIn(config: string, name: string): string | null {
  return (
    optionsIn(config.split('\n')).findLast(({ key, section }) => section === undefined && optionName(key) === name)
      ?.value ?? null
  );
}

function blockIn(lines: readonly string[]): Block | null {
  const begin = lines.indexOf(HEAD);
  if (begin < 0) return null;
  const after = lines.findIndex((line, at) => at > begin && /^\s*($|[#;!])/.test(line));
  return { begin, end: after < 0 ? lines.length : after };
}

/** Before the file of one start, which has the last word. */
function placeIn(lines: readonly string[]): number {
  const include = lines.findIndex((line) => /^!include .*\/forming\.cnf$/.test(line));
  if (include < 0) return lines.length;
  const comment = lines[include - 1]?.startsWith('#') === true ? include - 1 : include;
  return comment;
}

function sectionAt(lines: readonly string[], at: number): string {
  return (
    lines
      .slice(0, at)
      .flatMap((line) => /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1] ?? [])
      .at(-1) ?? ''
  );
}

/** All options of lines, whatever else stands there; lines before any section are of [mysqld]. */
function optionsIn(lines: readonly string[]): readonly ServerOption[] {
  const found: ServerOption[] = [];
  let section = 'mysqld';
  for (const line of lines) {
    section = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line)?.[1] ?? section;
    const [, key, value] = /^\s*([a-z][\w.-]*)\s*(?:=\s*(.*?)\s*)?$/i.exec(line) ?? [];
    if (key === undefined) continue;
    found.push({ key, value: value ?? null, ...(section !== 'mysqld' && section !== 'server' && { section }) });
  }
  return found;
}
