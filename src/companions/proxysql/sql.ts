/** A string of SQLite's, which ProxySQL's admin interface speaks: a backslash is none but itself. */
export function quote(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
