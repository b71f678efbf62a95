import path from 'node:path';
import { expect, test } from 'vitest';
import { run } from './world/command.js';
import { dbns, keepMachineClean } from './world/machine.js';

const PROGRAM = path.resolve(import.meta.dirname, '../../bin/run.js');
const NOBODY = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
const REF = process.env.DBNS_TEST_IMAGE ?? 'mariadb:10.11';

keepMachineClean();

/** What the last word could become, for a user who is not root. */
async function candidates(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr } = await run([...NOBODY, process.execPath, PROGRAM, 'complete', '--', ...words]);
  expect(stderr).toBe('');
  return stdout.split('\n').flatMap((line) => /^[^\t]+/.exec(line) ?? []);
}

test('completion knows clusters, their nodes and images, without root; a damaged cluster keeps nobody from it', async () => {
  expect(await candidates('destroy', '')).toEqual([]);
  await dbns(['pxc', 'create', 'east', '--nodes', '2']);
  expect(await candidates('destroy', '')).toEqual(['east']);
  expect(await candidates('client', 'east', '')).toEqual(['node1', 'node2']);
  expect(await candidates('logs', 'east', '--lines', '5', 'node2')).toEqual(['node2']);
  expect(await candidates('client', 'west', '')).toEqual([]);
  expect(await candidates('tool', 'east', '')).toEqual(['node1', 'node2']);
  expect(await candidates('shell', 'east', '')).toEqual(['node1', 'node2']);
  expect(await candidates('exec', 'east', '--role', '')).toEqual(['member']);
  expect(await candidates('client', 'east', '--role', '')).toEqual(['primary', 'replica', 'any', 'member']);
  expect(await candidates('exec', 'east', '--group', '')).toEqual([]);
  expect(await candidates('pxc', 'create', '--image', REF)).toEqual([REF]);
  expect(await candidates('image', 'remove', '')).toContain(REF);
  await run(['sh', '-c', 'mkdir /var/lib/dbns/clusters/odd; echo "{" > /var/lib/dbns/clusters/odd/cluster.json']);
  expect(await candidates('destroy', '')).toEqual(['east', 'odd']);
  expect(await candidates('client', 'odd', '')).toEqual([]);
  expect(await candidates('client', 'east', '')).toEqual(['node1', 'node2']);
  await run(['rm', '-r', '/var/lib/dbns/clusters/odd']);
});
