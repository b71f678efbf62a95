/**
 * What a dump says at its beginning of the server that it is of: which transactions it has, where it stands, that nothing
 * of the dump is to be in the binary log. A server that took it for its own would keep the rows from all others. Sources:
 * mysqldump --set-gtid-purged, --source-data; mariadb-dump --master-data, --gtid.
 */
const OF_ANOTHER = [
  /^SET @@SESSION\.SQL_LOG_BIN\s*=\s*0;/m,
  /^SET @@GLOBAL\.GTID_PURGED\s*=[^;]*;/m,
  /^CHANGE (?:MASTER|REPLICATION SOURCE)(?: '[^']*')? TO [^;]*;/m,
  /^SET GLOBAL gtid_slave_pos\s*=[^;]*;/m,
];

/** A statement that was left out, and the line on which it begins, from 1. */
export interface LeftOut {
  readonly line: number;
  readonly statement: string;
}

/** The beginning of a dump without such statements; lines keep their numbers. */
export function withoutOrigin(head: string): { readonly text: string; readonly leftOut: readonly LeftOut[] } {
  const leftOut: LeftOut[] = [];
  const text = OF_ANOTHER.reduce(
    (before, pattern) =>
      before.replace(pattern, (statement: string, ...rest: unknown[]) => {
        const offset = rest.find((word) => typeof word === 'number') ?? 0;
        leftOut.push({ line: before.slice(0, offset).split('\n').length, statement: shortened(statement) });
        return '\n'.repeat(statement.split('\n').length - 1);
      }),
    head,
  );
  return { text, leftOut: leftOut.sort((one, other) => one.line - other.line) };
}

function shortened(statement: string): string {
  const [first = '', ...others] = statement.split('\n');
  return others.length === 0 && first.length <= 60 ? first : `${first.slice(0, 60)}…`;
}
