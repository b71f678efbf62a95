import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { isReadable, unprivileged } from './run.js';

// The code that V8 made of the program is kept beside it: a hint, without which everything goes on as well.

const root = mkdtempSync(path.join(os.tmpdir(), 'dbns-compiled-'));
const program = `${root}/dist/program/main.cjs`;
const codeOf = (command: string, script = 'main') => `${root}/dist/program/${script}.cjs.${command}.code`;
const code = codeOf('help');

for (const name of ['bin', 'completion', 'dist', 'oclif.manifest.json', 'package.json', 'templates'])
  cpSync(`${inject('packageRoot')}/${name}`, `${root}/${name}`, { recursive: true, dereference: true });
chmodSync(root, 0o755);

beforeEach(() => {
  for (const name of kept()) rmSync(`${root}/dist/program/${name}`);
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** A call of a user's own. */
function call(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${root}/bin/run.js`, ...words], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

/** The files of code that there are. */
function kept(): readonly string[] {
  return readdirSync(`${root}/dist/program`).filter((name) => name.endsWith('.code'));
}

/** Which scripts such a call would load with code that was kept. */
function known(...words: readonly string[]): unknown {
  const script = `process.stdout.write(JSON.stringify(require('${root}/bin/compiled.js').load('${program}', process.argv.slice(1)).known()))`;
  return JSON.parse(spawnSync(process.execPath, ['-e', script, ...words], { encoding: 'utf8' }).stdout);
}

const help = () => call(['help']);

test('the program and its libraries are ASCII: they are read without decoding', () => {
  const scripts = readdirSync(`${root}/dist/program`).filter((name) => name.endsWith('.cjs'));
  expect(scripts).toContain('main.cjs');
  expect(scripts).toContain('mysql2.cjs');
  for (const name of scripts)
    expect(readFileSync(`${root}/dist/program/${name}`).every((byte) => byte < 0x80)).toBe(true);
});

test('each command has its own, and words that are none have none', () => {
  const first = help();
  expect(first.status).toBe(0);
  expect(kept()).toEqual(['main.cjs.help.code']);
  const before = readFileSync(code);
  expect(help()).toEqual(first);
  expect(call(['autocomplete', 'bash']).status).toBe(0);
  expect(call(['autocompleet']).status).toBe(2);
  expect(call(['autocomplete', 'tcsh']).status).toBe(2);
  expect(kept()).toEqual(['main.cjs.autocomplete.code', 'main.cjs.help.code']);
  expect(readFileSync(code).equals(before)).toBe(true);
});

test('it is found by the first words, whatever follows them', () => {
  help();
  writeFileSync(codeOf('help:pxc'), readFileSync(code));
  expect(known('help', '--nested-commands')).toEqual(['main.cjs']);
  expect(known('help', 'pxc', 'create')).toEqual(['main.cjs']);
  expect(known('helpless')).toEqual([]);
  expect(known('../help')).toEqual([]);
  expect(known()).toEqual([]);
});

interface Loader {
  readonly load: (file: string, words: readonly string[]) => { readonly exports: unknown };
}

const dryRun = () => call(['mongo', 'create', '--dry-run', '--json', '--image', 'mongodb:8.0']);

test('no library is loaded that a call does not need, and each can be', () => {
  expect(dryRun().status).toBe(0);
  expect(kept()).toContain('main.cjs.mongo:create.code');
  expect(kept().filter((name) => /^(listr2|mongodb|mysql2)/.test(name))).toEqual([]);
  const { load } = createRequire(import.meta.url)(`${root}/bin/compiled.js`) as Loader;
  const exportsOf = (name: string) => load(`${root}/dist/program/${name}.cjs`, []).exports;
  expect(exportsOf('execa')).toHaveProperty('execa');
  expect(exportsOf('listr2')).toHaveProperty('Listr');
  expect(exportsOf('mongodb')).toHaveProperty('MongoClient');
  expect(exportsOf('mysql2')).toHaveProperty('createConnection');
});

test('templates were compiled at the build; one that was edited since is compiled when it is used', () => {
  // There is no compiler here.
  expect(dryRun().stdout).not.toContain('of a DBA');
  symlinkSync(path.join(import.meta.dirname, '../../node_modules'), `${root}/node_modules`);
  appendFileSync(`${root}/templates/mongod/mongod.conf.hbs`, '# of a DBA\n');
  expect(dryRun().stdout).toContain('of a DBA');
});

describe('is refused, and made anew', () => {
  const spoil = {
    'of another build': () => {
      utimesSync(program, new Date(), new Date());
    },
    'cut short': () => {
      writeFileSync(code, readFileSync(code).subarray(0, 5000));
    },
    'of another node': () => {
      writeFileSync(code, readFileSync(code).toString('latin1').replace(process.version, 'v1.2.3'), 'latin1');
    },
    garbage: () => {
      writeFileSync(code, 'nothing of the kind');
    },
  };
  test.each(Object.entries(spoil))('%s', (_, spoilt) => {
    const first = help();
    spoilt();
    expect(known('help')).toEqual([]);
    expect(help()).toEqual(first);
    expect(known('help')).toEqual(['main.cjs']);
  });
});

test('none is kept, and none is used, where node is told so', () => {
  const first = help();
  rmSync(code);
  expect(call(['help'], { NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual(first);
  expect(existsSync(code)).toBe(false);
});

test.runIf(isReadable())('who may not write there goes without', () => {
  const { status, stdout, stderr } = spawnSync(
    'env',
    [...unprivileged, process.execPath, `${root}/bin/run.js`, 'help'],
    {
      encoding: 'utf8',
    },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('pxc');
  expect(existsSync(code)).toBe(false);
});
