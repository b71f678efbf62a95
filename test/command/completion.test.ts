import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { dbns } from './run.js';

const SHAPES = ['star', 'chain', 'ring', 'fan-in', 'all-masters'];

/** The words that the last one could become. */
async function candidates(...words: readonly string[]): Promise<readonly string[]> {
  const { exitCode, stdout, stderr } = await dbns('complete', '--', ...words);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout.split('\n').flatMap((line) => /^[^\t]+/.exec(line) ?? []);
}

describe('dbns complete', () => {
  test('knows commands, and offers no alias', async () => {
    const all = await candidates('');
    expect(all).toEqual(expect.arrayContaining(['pxc', 'mongo', 'image', 'status', 'destroy', 'help']));
    for (const hidden of ['rm', 'ls', 'delete', 'complete']) expect(all).not.toContain(hidden);
    expect(await candidates('im')).toEqual(['image']);
    expect(await candidates('image', 'pu')).toEqual(['pull']);
    expect(await candidates('help', 'image', 'pu')).toEqual(['pull']);
    expect(await candidates('no-such', '')).toEqual([]);
  });

  test('says what each word is', async () => {
    const { stdout } = await dbns('complete', '--', 'repl');
    expect(stdout).toBe('replication\tMySQL and MariaDB replication\n');
  });

  test('knows flags, also after a name, and those that were given no more', async () => {
    for (const words of [['--sh'], ['east', '--sh'], ['east', '--nodes', '4', '--sh']])
      expect(await candidates('replication', 'create', ...words)).toEqual(['--shape']);
    expect(await candidates('replication', 'create', '--shape', 'ring', '--sh')).toEqual([]);
    expect(await candidates('replication', 'create', '--shape=ring', '--sh')).toEqual([]);
    expect(await candidates('replication', 'create', '--no-g')).toEqual(['--no-gtid']);
    expect(await candidates('replication', 'create', '--delay', 'node2=1s', '--dela')).toEqual(['--delay']);
    expect(await candidates('events', '--f')).toEqual(['--follow']);
    expect(await candidates('status', '--')).toEqual(expect.arrayContaining(['--json', '--watch', '--help']));
    expect(await candidates('rm', '--a')).toEqual(['--all']);
  });

  test('knows the values of flags, in a word of their own and behind =', async () => {
    expect(await candidates('replication', 'create', '--shape', '')).toEqual(SHAPES);
    expect(await candidates('replication', 'create', '--shape=')).toEqual(SHAPES.map((shape) => `--shape=${shape}`));
    expect(await candidates('uri', '-f', 'j')).toContain('json');
    expect(await candidates('replication', 'create', '--nodes', '2', '--delay', '')).toEqual(['node1=', 'node2=']);
    expect(await candidates('pxc', 'create', '--nodes=2', '--ip', '')).toEqual(['node1=', 'node2=']);
    expect(await candidates('pxc', 'create', '--nodes', '2', '--zone', '')).toEqual(['node1=', 'node2=']);
    expect(await candidates('pxc', 'create', '--layout', '')).toEqual(['bridge', 'routed']);
    expect(await candidates('mongo', 'create', '--hidden', 'n')).toEqual(['node1', 'node2', 'node3']);
    expect(await candidates('pxc', 'create', '--image', 'ho')).toEqual(['host']);
    expect(await candidates('pxc', 'create', '--image', 'node2=ho')).toEqual(['node2=host']);
    expect(await candidates('pxc', 'create', '--image=node2=ho')).toEqual(['--image=node2=host']);
    expect(await candidates('upgrade', 'pxc', '--image', 'ho')).toEqual(['host']);
    expect(await candidates('pxc', 'create', '--memory', '')).toEqual([]);
  });

  test('knows the images that can be pulled', async () => {
    expect(await candidates('image', 'pull', 'mariadb:')).toEqual(['mariadb:10.11', 'mariadb:11.8']);
  });

  test('knows the values of a word', async () => {
    expect(await candidates('autocomplete', '')).toEqual(['bash', 'zsh', 'fish']);
  });

  test('leaves files to the shell, and what stands behind -- to another program', async () => {
    expect(await candidates('pxc', 'create', '--password-file', '')).toEqual([':files']);
    expect(await candidates('pxc', 'create', '--password-file=/e')).toEqual([':files']);
    expect(await candidates('client', 'pxc', '--', '-')).toEqual([':files']);
    expect(await candidates('exec', 'pxc', 'node1', 'ip')).toEqual([':files']);
    for (const words of [['a.sql'], ['a.sql', 'b']]) {
      expect(await candidates('load', 'pxc', ...words)).toEqual([':files']);
    }
    expect(await candidates('pxc', 'create', '--init', '')).toEqual([':files']);
    expect(await candidates('dump', 'pxc', '-o', '')).toEqual([':files']);
  });
});

describe('dbns autocomplete', () => {
  test.each(['bash', 'zsh', 'fish'])('prints the script for %s', async (shell) => {
    const { exitCode, stdout } = await dbns('autocomplete', shell);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('dbns complete -- ');
  });

  test('tells how to take it into use', async () => {
    const { stdout } = await dbns('autocomplete');
    for (const shell of ['bash', 'zsh', 'fish']) expect(stdout).toContain(`dbns autocomplete ${shell}`);
    expect((await dbns('autocomplete', 'csh')).exitCode).toBe(2);
  });
});

describe('in a shell', { timeout: 60_000 }, () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'dbns-completion-'));
  beforeAll(async () => {
    symlinkSync(`${inject('packageRoot')}/bin/run.js`, `${directory}/dbns`);
    for (const shell of ['bash', 'zsh', 'fish'])
      writeFileSync(`${directory}/${shell}`, (await dbns('autocomplete', shell)).stdout);
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  /** Runs a script in a shell that finds `dbns`, and answers the lines that it printed. */
  function inShell(program: string, script: string, ...words: readonly string[]): readonly string[] {
    const env = { PATH: `${directory}:${process.env.PATH ?? ''}`, HOME: directory };
    const { stdout, stderr } = spawnSync(program, ['-c', script, ...words], { env, encoding: 'utf8', cwd: directory });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** What readline asks for at Tab: the function, with the line cut into words as bash cuts it. */
  function bash(line: string, ...cut: readonly string[]): readonly string[] {
    const script = `source ./bash; compopt() { echo "compopt $*"; }
      COMP_LINE=$0; COMP_POINT=\${#COMP_LINE}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
      _dbns; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return inShell('bash', script, line, ...cut);
  }

  test('bash', () => {
    expect(bash('dbns im', 'dbns', 'im')).toEqual(['image']);
    expect(bash('dbns  replication create --shape ', 'dbns', 'replication', 'create', '--shape', '')).toEqual(SHAPES);
    expect(bash('dbns uri "a b" --fo', 'dbns', 'uri', '"a b"', '--fo')).toEqual(['--format']);
    expect(bash('dbns pxc create --password-file ', 'dbns', 'pxc', 'create', '--password-file', '')).toEqual([
      'compopt -o default',
    ]);
  });

  test('bash, which takes : and = for ends of words', () => {
    expect(bash('dbns image pull mariadb:1', 'dbns', 'image', 'pull', 'mariadb', ':', '1')).toEqual(['10.11', '11.8']);
    expect(bash('dbns image pull mariadb:', 'dbns', 'image', 'pull', 'mariadb', ':')).toEqual(['10.11', '11.8']);
    expect(bash('dbns replication create --shape=r', 'dbns', 'replication', 'create', '--shape', '=', 'r')).toEqual([
      'ring',
    ]);
    const delay = ['dbns', 'replication', 'create', '--delay', 'node1'];
    expect(bash(delay.join(' '), ...delay)).toEqual(['compopt -o nospace', 'node1=']);
  });

  test('bash evaluates nothing of what was typed', () => {
    const typed = `$(touch ${directory}/evaluated)`;
    expect(bash(`dbns uri ${typed} --fo`, 'dbns', 'uri', typed, '--fo')).toEqual(['--format']);
    expect(existsSync(`${directory}/evaluated`)).toBe(false);
  });

  const has = (program: string) => spawnSync(program, ['--version']).status === 0;

  test.runIf(has('fish'))('fish', () => {
    const fish = (line: string) =>
      inShell('fish', `source ./fish; complete --do-complete '${line}'`).map((text) => text.split('\t')[0]);
    expect(fish('dbns im')).toEqual(['image']);
    expect([...fish('dbns replication create --shape ')].sort()).toEqual([...SHAPES].sort());
    expect(fish('dbns replication create --shape=r')).toEqual(['--shape=ring']);
    expect(fish('dbns image pull mariadb:')).toEqual(['mariadb:10.11', 'mariadb:11.8']);
  });

  test.runIf(has('zsh'))('zsh', () => {
    const stubs = `autoload -U compinit; compinit -D; source ./zsh
      _describe() { print -rl -- $closed $open }; _files() { print files }; compset() { : }`;
    const zsh = (...words: readonly string[]) =>
      inShell('zsh', `${stubs}; words=("$@"); CURRENT=$#; PREFIX=$words[-1]; _dbns`, 'dbns', ...words).map((text) =>
        text.replaceAll('\\:', '\u0000').split(':')[0]?.replaceAll('\u0000', ':'),
      );
    expect(zsh('dbns', 'im')).toEqual(['image']);
    expect(zsh('dbns', 'image', 'pull', 'mariadb:')).toEqual(['mariadb:10.11', 'mariadb:11.8']);
    expect(zsh('dbns', 'replication', 'create', '--shape', '')).toEqual(SHAPES);
    expect(zsh('dbns', 'pxc', 'create', '--password-file', '')).toEqual(['files']);
  });
});
