/** A server as an image has it: what its binary said of itself, and where its programs are inside the image. */
export interface ServerBuild {
  /** A row of the family's dialects: `mariadb`, `pxc`, `mysql` … */
  readonly dialect: string;
  /** e.g. `10.11.19`. */
  readonly version: string;
  /** Role → path inside the image, for those that are there: server, client, galera … */
  readonly programs: Readonly<Record<string, string>>;
}

/** How the server is named in tables and JSON: `mariadb 10.11.19`. */
export function serverTitle({ dialect, version }: ServerBuild): string {
  return `${dialect} ${version}`;
}

/** Dialect and version out of a server's title, as it was saved with a node. */
export function readTitle(title: string): Pick<ServerBuild, 'dialect' | 'version'> {
  const [dialect = '', version = ''] = title.split(' ');
  return { dialect, version };
}

/** Whether a version is `since` or later; numbers are compared part by part, missing parts are 0. */
export function atLeast(version: string, since: string): boolean {
  const [ours, theirs] = [version, since].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0));
  for (let part = 0; part < 3; part++) {
    const difference = (ours?.[part] ?? 0) - (theirs?.[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
