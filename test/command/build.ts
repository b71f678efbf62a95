import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';

const PROJECT = path.join(import.meta.dirname, '../..');

declare module 'vitest' {
  interface ProvidedContext {
    /** A directory with the package as it is now, built. */
    readonly packageRoot: string;
  }
}

/** Builds the program once for all command tests, beside the tree: `dist` is the user's, and may be another's. */
export function setup(project: TestProject): () => void {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'dbns-command-'));
  fs.chmodSync(root, 0o755);
  for (const name of ['package.json', 'bin', 'src'])
    fs.cpSync(path.join(PROJECT, name), path.join(root, name), { recursive: true });
  for (const name of ['node_modules', 'templates', 'completion'])
    fs.symlinkSync(path.join(PROJECT, name), path.join(root, name));
  for (const part of ['manifest', 'program'])
    execFileSync('npm', ['run', '--silent', `build:${part}`], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  project.provide('packageRoot', root);
  return () => {
    fs.rmSync(root, { recursive: true });
  };
}
