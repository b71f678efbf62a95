import type { ServerOption } from '../cluster/cluster.js';
import { UsageError } from '../errors/errors.js';
import { parseOption } from './values.js';

/** What a file of options has for the servers. */
export interface MyCnf {
  readonly options: readonly ServerOption[];
  /** Sections of other programs, in order. */
  readonly leftOut: readonly string[];
}

/** Sections that some mysqld reads; with a version, the one of that series alone. Each server picks its own. */
const OF_SERVERS = /^(mysqld|server|mariadb|mariadbd|galera)(-\d+(\.\d+)?)?$/;
/** Read by every mysqld. */
const OF_ALL = new Set(['mysqld', 'server']);

/**
 * Reads a my.cnf as the server does: sections, `key`, `key = value`, comments at the begin of a line and after a value.
 * Values stay as they are, with their quotes.
 * @throws UsageError naming the line that is none of that, or that includes another file.
 */
export function parseMyCnf(file: string, text: string): MyCnf {
  const options: ServerOption[] = [];
  const sections: string[] = [];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [position, whole] of lines.entries()) {
    const line = whole.trim();
    const origin = `${file}:${position + 1}`;
    if (line === '' || /^[#;]/.test(line)) continue;
    if (line.startsWith('!'))
      throw new UsageError(`${origin}: '${line}' names other files: give their lines in this one.`);
    if (line.startsWith('[')) sections.push(sectionOf(line, origin));
    else options.push(...optionOf(line, sections.at(-1), origin));
  }
  return { options, leftOut: [...new Set(sections.filter((section) => !OF_SERVERS.test(section)))] };
}

function sectionOf(line: string, origin: string): string {
  const name = /^\[\s*([^\]]+?)\s*\]\s*([#;].*)?$/.exec(line)?.[1];
  if (name === undefined) throw new UsageError(`${origin}: '${line}' is no section: write it like [mysqld].`);
  return name;
}

/** The option of a line; none when no server reads its section. */
function optionOf(line: string, section: string | undefined, origin: string): readonly ServerOption[] {
  if (section === undefined) {
    throw new UsageError(`${origin}: '${line}' stands before any section: begin with [mysqld].`);
  }
  if (!OF_SERVERS.test(section)) return [];
  return [{ ...parseOption(withoutComment(line)), ...(!OF_ALL.has(section) && { section }), origin }];
}

/** A `#` begins a comment unless it stands in quotes. Source: mysys/my_default.cc, remove_end_comment. */
function withoutComment(line: string): string {
  const [kept = ''] = /^(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^#])*/.exec(line) ?? [];
  return kept.trim();
}
