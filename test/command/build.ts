import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';

const PROJECT = path.join(import.meta.dirname, '../..');

declare module 'vitest' {
  interface ProvidedContext {
    /** A directory with the package as it is now, compiled. */
    readonly packageRoot: string;
  }
}

/** Compiles the package once for all command tests, beside the tree: `dist` is the user's, and may be another's. */
export async function setup(project: TestProject): Promise<() => void> {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'dbns-command-'));
  fs.chmodSync(root, 0o755);
  await build({
    absWorkingDir: PROJECT,
    entryPoints: ['src/**/*.ts'],
    outbase: 'src',
    outdir: path.join(root, 'dist'),
    ...{ format: 'esm', platform: 'node', target: 'node20', logLevel: 'warning' },
  });
  fs.cpSync(path.join(PROJECT, 'package.json'), path.join(root, 'package.json'));
  fs.cpSync(path.join(PROJECT, 'bin'), path.join(root, 'bin'), { recursive: true });
  for (const name of ['node_modules', 'templates', 'completion'])
    fs.symlinkSync(path.join(PROJECT, name), path.join(root, name));
  project.provide('packageRoot', root);
  return () => {
    fs.rmSync(root, { recursive: true });
  };
}
