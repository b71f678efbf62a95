import { companionProgram } from '../program.js';

/** ProxySQL as a program of an image. */
export const proxysqlProgram = companionProgram({
  name: 'proxysql',
  program: 'proxysql',
  versionFlag: '--version',
  readVersion,
});

/** `ProxySQL version 2.7.1-16-g2726c27, codename Truls` → `2.7.1`; null for any other text. */
export function readVersion(said: string): string | null {
  return /^ProxySQL version v?(\d+\.\d+\.\d+)/m.exec(said)?.[1] ?? null;
}
