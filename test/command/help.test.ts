import { Config } from '@oclif/core';
import { describe, expect, inject, test } from 'vitest';
import { dbns, isReadable, unprivilegedDbns } from './run.js';

const config = await Config.load({ root: inject('packageRoot') });
const own = config.commands.filter(
  ({ id }) => id !== 'help' && !config.commands.some(({ aliases }) => aliases.includes(id)),
);
const commands = own.map(({ id }) => id.replaceAll(':', ' '));

test('the commands of dbns are found', () => {
  expect(commands).toEqual(
    expect.arrayContaining(['pxc create', 'status', 'list', 'destroy', 'exec', 'client', 'uri', 'logs']),
  );
});

describe('--help', () => {
  test.each(commands)('%s: what it does, and examples', async (command) => {
    const { exitCode, stdout, stderr } = await dbns(...command.split(' '), '--help');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`$ dbns ${command}`);
    expect(stdout).toMatch(/^EXAMPLES\n.*dbns/m);
    expect(stdout).not.toMatch(/undefined|\[object|<%/);
  });

  test.each([['--help'], ['help']])('dbns %s names the commands', async (word) => {
    const { exitCode, stdout } = await dbns(word);
    expect(exitCode).toBe(0);
    for (const command of commands) expect(stdout).toContain(command.split(' ')[0]);
  });

  test('of create tells the defaults and the variables', async () => {
    const { stdout } = await dbns('pxc', 'create', '--help');
    for (const variable of ['DBNS_NODES', 'DBNS_IMAGE', 'DBNS_SUBNET', 'DBNS_MEMORY'])
      expect(stdout).toContain(variable);
  });
});

test.runIf(isReadable())('--version', () => {
  const { exitCode, stdout } = unprivilegedDbns('--version');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^dbns\/\d+\.\d+\.\d+ /);
});

test('every string flag and option says what it is', () => {
  for (const { flags } of own)
    for (const { name, summary, description } of Object.values(flags))
      expect(summary ?? description, name).toBeTruthy();
});
