import { companionProgram } from '../program.js';

/** MySQL Router as a program of an image. */
export const routerProgram = companionProgram({
  name: 'router',
  program: 'mysqlrouter',
  versionFlag: '--version',
  readVersion,
});

/** `MySQL Router  Ver 9.7.4-2 for Linux on x86_64 ((Debian))` → `9.7.4`; null for any other text. */
export function readVersion(said: string): string | null {
  return /^MySQL Router\s+Ver (\d+\.\d+\.\d+)/m.exec(said)?.[1] ?? null;
}
