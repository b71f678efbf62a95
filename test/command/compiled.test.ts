import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { isReadable, unprivileged } from './run.js';

// The code that V8 made of the program is kept beside it: a hint, without which everything goes on as well.

const root = mkdtempSync(path.join(os.tmpdir(), 'dbns-compiled-'));
const program = `${root}/dist/program/main.cjs`;
const code = `${program}.code`;

for (const name of ['bin', 'completion', 'dist', 'oclif.manifest.json', 'package.json'])
  cpSync(`${inject('packageRoot')}/${name}`, `${root}/${name}`, { recursive: true, dereference: true });
chmodSync(root, 0o755);

beforeEach(() => {
  rmSync(code, { force: true });
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

/** By which commands the code has grown that the next call will use. */
function known(): unknown {
  const script = `process.stdout.write(JSON.stringify(require('${root}/bin/compiled.js').load('${program}').commands))`;
  return JSON.parse(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' }).stdout);
}

const help = () => call(['help']);

test('the program is ASCII: it is read without decoding', () => {
  expect(readFileSync(program).every((byte) => byte < 0x80)).toBe(true);
});

test('a command that is done for the first time adds to it, and words that are none do not', () => {
  const first = help();
  expect(first.status).toBe(0);
  expect(known()).toEqual(['help']);
  expect(help()).toEqual(first);
  expect(call(['autocomplete', 'bash']).status).toBe(0);
  expect(known()).toEqual(['help', 'autocomplete']);
  const before = readFileSync(code);
  expect(call(['autocompleet']).status).toBe(2);
  expect(call(['autocomplete', 'tcsh']).status).toBe(2);
  expect(readFileSync(code).equals(before)).toBe(true);
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
    expect(known()).toEqual([]);
    expect(help()).toEqual(first);
    expect(known()).toEqual(['help']);
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
