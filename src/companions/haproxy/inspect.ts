import { companionProgram } from '../program.js';

/** HAProxy as a program of an image. */
export const haproxyProgram = companionProgram({ name: 'haproxy', program: 'haproxy', versionFlag: '-v', readVersion });

/** `HAProxy version 2.6.12-1+deb12u4 2025/…` → `2.6.12`; null for any other text. */
export function readVersion(said: string): string | null {
  return /^HA-?Proxy version (\d+\.\d+\.\d+)/m.exec(said)?.[1] ?? null;
}
