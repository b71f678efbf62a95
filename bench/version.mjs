import { dbns } from './dbns.mjs';
import { interrupted } from './interrupt.mjs';
import { run } from './run.mjs';

/** `dbns --version`: what every call costs at least. */
export async function measureVersion() {
  const { ms } = await dbns(['--version'], { signal: interrupted });
  return { ms };
}

/** What node itself costs. */
export async function measureNode() {
  const { ms } = await run([process.execPath, '-e', '0'], { signal: interrupted });
  return { ms };
}
