import fs from 'node:fs';
import path from 'node:path';

/** Where root's programs are and everybody's; the PATH of cron has only two of them. */
const SYSTEM = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * The directories in which programs are looked for, as a PATH: those of ours, then the system's. Relative ones are left
 * out: root runs nothing because of where it stands.
 */
export function searchPath(): string {
  const own = (process.env.PATH ?? '').split(path.delimiter).filter((directory) => path.isAbsolute(directory));
  return [...new Set([...own, ...SYSTEM])].join(path.delimiter);
}

/** The file of a program on that PATH; null when there is none. */
export function which(program: string): string | null {
  const files = searchPath()
    .split(path.delimiter)
    .map((directory) => path.join(directory, program));
  return files.find(isProgram) ?? null;
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
