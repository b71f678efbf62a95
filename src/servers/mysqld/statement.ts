/** A statement, and the values of its `?`: passwords stand in no plan and no log. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** The text of an `init_file`, which has no placeholders: a statement a line. */
export function initFileText(statements: readonly Statement[]): string {
  if (statements.length === 0) return '';
  // Quoting goes by the backslash, whatever sql_mode the server was given.
  return ["SET SESSION sql_mode = ''", ...statements.map(inFull)].map((text) => `${text};\n`).join('');
}

function inFull({ sql, values }: Statement): string {
  const left = [...values];
  return sql.replace(/\?/g, () => literal(left.shift() ?? ''));
}

function literal(value: string | number): string {
  return typeof value === 'number' ? String(value) : `'${value.replace(/['\\]/g, '\\$&')}'`;
}
