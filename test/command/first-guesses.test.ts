import { describe, expect, test } from 'vitest';
import { dbns } from './run.js';

const CREATES = ['dbns group create', 'dbns mongo create', 'dbns pxc create', 'dbns replication create'];
const GALERA_OR_NOT = ['dbns pxc create', 'dbns replication create --image mariadb:11.8'];

/** What is typed first by who knows other programs, and the words that it leads to. */
const GUESSES: readonly (readonly [string, readonly string[]])[] = [
  ['create', CREATES],
  ['up', CREATES],
  ['create --nodes 3', CREATES],
  ['create pxc', ['dbns pxc create']],
  ['create galera', ['dbns pxc create']],
  ['galera create', ['dbns pxc create']],
  ['mysql create', ['dbns replication create', 'dbns group create']],
  ['mariadb', GALERA_OR_NOT],
  ['mariadb create', GALERA_OR_NOT],
  ['percona', ['dbns pxc create --image pxc:8.4', 'dbns replication create --image percona:8.4']],
  ['mongodb create', ['dbns mongo create']],
  ['pxc destroy', ['dbns destroy']],
  ['mongo destroy east', ['dbns destroy east']],
  ['pxc status', ['dbns status']],
  ['pxc start', ['dbns start']],
  ['mysql stop', ['dbns stop']],
  ['recover', ['dbns start CLUSTER']],
  ['shutdown pxc', ['dbns stop CLUSTER', 'dbns kill CLUSTER NODE --signal TERM']],
  ['ps', ['dbns list', 'dbns status']],
  ['images', ['dbns image list']],
  ['pull mariadb:10.11', ['dbns image pull NAME:VERSION', 'dbns image list']],
  ['connect pxc', ['dbns client CLUSTER NODE', 'dbns exec CLUSTER NODE -- bash']],
  ['ssh', ['dbns client CLUSTER NODE', 'dbns exec CLUSTER NODE -- bash']],
  ['--json status', ['dbns status --json']],
  ['-h', []],
  ['help create', CREATES],
  ['create --help', CREATES],
  ['help nothing-near', []],
  ['constructor', []],
];

describe('a first guess leads to the right words, exit 2', () => {
  test.each(GUESSES)('dbns %s', async (line, suggestions) => {
    const { exitCode, stdout, stderr } = await dbns(...line.split(' '));
    const all = [...suggestions, 'dbns --help'];
    if (line.startsWith('--json')) {
      expect(exitCode).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'DBNS_USAGE', suggestions: all } });
      return;
    }
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    const [sentence, ...told] = stderr.trimEnd().split('\n');
    expect(sentence).toMatch(/^Error: dbns has no command '/);
    expect(told.map((text) => text.replace('  → ', ''))).toEqual(all);
  });

  test.each([['create'], ['shutdown pxc']])('the same in JSON: dbns %s', async (line) => {
    const { exitCode, stdout, stderr } = await dbns(...line.split(' '), '--json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' });
    const { error } = JSON.parse(stdout) as { error: { code: string; suggestions: readonly string[] } };
    expect(error.code).toBe('DBNS_USAGE');
    expect(error.suggestions.length).toBeGreaterThan(2);
  });

  test('a topology alone shows its commands', async () => {
    const { exitCode, stdout } = await dbns('pxc');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('pxc create');
  });
});
