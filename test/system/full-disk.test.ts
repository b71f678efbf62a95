import { existsSync, mkdirSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { run } from './world/command.js';
import { dbns, keepMachineClean } from './world/machine.js';

// A disk that is full while a create is under way: told as that (exit 3), and rolled back. That of the clusters: errors.test.ts.

const STATE = '/var/lib/dbns';
const create = ['pxc', 'create', 'east', '--nodes', '2', '--timeout', '60s'];

// Before what unmounts: of these hooks the last one goes first.
keepMachineClean();

const mounted: string[] = [];
async function mount(directory: string, ...words: readonly string[]): Promise<void> {
  mkdirSync(directory, { recursive: true });
  await run(['mount', '--no-mtab', ...words, directory]);
  mounted.unshift(directory);
}
const mountDisk = (directory: string, limit: string) => mount(directory, '-t', 'tmpfs', '-o', limit, 'tmpfs');
afterEach(async () => {
  for (const directory of mounted.splice(0)) {
    await run(['umount', '--no-mtab', directory]);
    if (!directory.startsWith(STATE)) rmdirSync(directory);
  }
  rmSync(`${STATE}/failed`, { recursive: true, force: true });
});

/** A create that must fail for want of room, and leave nothing. */
async function expectTold(): Promise<void> {
  const { exitCode, json } = await dbns([...create, '--json'], { expectExit: 'any' });
  expect(json).toMatchObject({ error: { message: expect.stringMatching(/No space is left on the disk/) as string } });
  expect(exitCode).toBe(3);
  expect(list(`${STATE}/clusters`)).toEqual([]);
  expect(list('/run/dbns')).toEqual([]);
  expect((await run(['ip', 'netns', 'list'])).stdout).toBe('');
}

const list = (directory: string) => (existsSync(directory) ? readdirSync(directory) : []);

test('while the pristine directory is made', async () => {
  await mountDisk(`${STATE}/pristine`, 'size=20M');
  await expectTold();
  expect(readdirSync(`${STATE}/pristine`)).toEqual([]);
});

describe('with a pristine directory', () => {
  beforeAll(async () => {
    rmSync(`${STATE}/pristine`, { recursive: true, force: true }); // no other but its own: it is counted
    await dbns(['pxc', 'create', 'east', '--nodes', '1']);
    await dbns(['destroy', 'east']);
  });

  test('for sockets', async () => {
    await mountDisk('/run/dbns', 'nr_inodes=2');
    await expectTold();
  });

  test('for anything of dbns, also what a rollback writes', async () => {
    const { stdout } = await run(['find', `${STATE}/pristine`]);
    await mount('/var/tmp/images', '--bind', `${STATE}/images`);
    await mount('/var/tmp/pristine', '--bind', `${STATE}/pristine`);
    await mountDisk(STATE, `nr_inodes=${Math.round(stdout.split('\n').length * 2.5)}`);
    await mount(`${STATE}/images`, '--bind', '/var/tmp/images');
    await run(['cp', '-a', '--sparse=always', '/var/tmp/pristine', STATE]);
    await expectTold();
  });
});
