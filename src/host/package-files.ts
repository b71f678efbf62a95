import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The text of a file that ships with dbns, e.g. `templates/pxc/mariadb.cnf.hbs`. */
export function packageFile(name: string): string {
  return fs.readFileSync(path.join(packageRoot(), name), 'utf8');
}

/** The nearest directory above this file that has a package.json: the same from src, from dist, and from a bundle. */
function packageRoot(): string {
  let directory = path.dirname(fileURLToPath(import.meta.url));
  while (!fs.existsSync(path.join(directory, 'package.json'))) directory = path.dirname(directory);
  return directory;
}
