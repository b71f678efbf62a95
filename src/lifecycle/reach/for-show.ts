/**
 * The variables of a user's that a client has: what says how to show and edit text, and where the user is at home.
 * No other passes. Clients take hosts, accounts, passwords, files and plugins from theirs (MYSQL_HOST, MYSQL_PWD,
 * MARIADB_…, LIBMYSQL_…), and would silently go elsewhere; libraries take code from them (LD_PRELOAD).
 */
const FOR_SHOW: readonly string[] = [
  ...['TERM', 'COLORTERM', 'NO_COLOR', 'COLUMNS', 'LINES', 'INPUTRC'],
  ...['LANG', 'LANGUAGE', 'TZ', 'HOME'],
  ...['PAGER', 'LESS', 'EDITOR', 'VISUAL'],
];

/** Those of an environment. */
export function forShow(environment: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const entries = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && isForShow(entry[0]),
  );
  return Object.fromEntries(entries);
}

function isForShow(name: string): boolean {
  return FOR_SHOW.includes(name) || name.startsWith('LC_');
}
