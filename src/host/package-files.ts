import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';

/** The text of a file that ships with dbns, e.g. `templates/pxc/mariadb.cnf.hbs`. */
export function packageFile(name: string): string {
  return fs.readFileSync(path.join(packageRoot(), name), 'utf8');
}

/** Where a file that ships with dbns is, e.g. `dist/keeper/main.js`. */
export function packagePath(name: string): string {
  return path.join(packageRoot(), name);
}

/** The version of dbns itself. */
export function packageVersion(): string {
  return v.parse(v.object({ version: v.string() }), JSON.parse(packageFile('package.json'))).version;
}

/** The nearest directory above this file that has a package.json: the same from src, from dist, and from a bundle. */
function packageRoot(): string {
  let directory = path.dirname(fileURLToPath(import.meta.url));
  while (!fs.existsSync(path.join(directory, 'package.json'))) directory = path.dirname(directory);
  return directory;
}
