import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, chmodSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClusterView } from '../../src/lifecycle/view.js';
import { MARIADB } from './world/cluster.js';
import { dbns, keepMachineClean, query, startDbns } from './world/machine.js';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync('/tmp/run-');
  chmodSync(directory, 0o777);
});
keepMachineClean(); // what it looks at has the directory
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const run = ['run', 'replication', '--nodes', '2', '--image', MARIADB];
const clusters = async () => ((await dbns(['list', '--json'])).json as { clusters: ClusterView[] }).clusters;
const report = () =>
  JSON.parse(readFileSync(`${directory}/report.json`, 'utf8')) as {
    cluster: ClusterView | null;
    command: { exitCode: number } | null;
    error: { code: string } | null;
  };

test('a command runs as the caller with the cluster in its environment, and its code is the call’s', async () => {
  const script = [
    'echo "$DBNS_URI|$DATABASE_URL|$DBNS_URI_NODE2|$DBNS_CLUSTER|$(id -u)|$(pwd)|$HOME"',
    `touch ${directory}/coverage`,
    'exit 7',
  ].join('; ');
  const words = [...run, '--report', `${directory}/report.json`, '--', 'sh', '-c', script];
  const env = { SUDO_UID: '1', SUDO_GID: '1', SUDO_USER: 'daemon' };
  const { stdout } = await dbns(words, { expectExit: 7, env });
  const [uri = '', url, second = '', name, uid, where, home] = stdout.trim().split('|');
  expect(uri).toMatch(/^mariadb:\/\/dbns:[^@]+@10\.200\.0\.2:3306\/$/);
  expect(url).toBe(uri);
  expect(second).toBe(uri.replace('10.200.0.2', '10.200.0.3'));
  expect([name, uid, where, home]).toEqual(['replication', '1', process.cwd(), '/usr/sbin']);
  expect(statSync(`${directory}/coverage`).uid).toBe(1);
  expect(report()).toMatchObject({ cluster: { name: 'replication' }, command: { exitCode: 7 }, error: null });
  expect(await clusters()).toEqual([]);
});

test('--user says who; a signal reaches the command, and the cluster goes after it', async () => {
  const script = 'trap "echo caught; exit 3" TERM; id -un; while :; do sleep 0.1; done';
  const { child, result } = startDbns([...run, '--user', 'nobody', '--', 'sh', '-c', script], { expectExit: 3 });
  let said = '';
  child.stdout?.on('data', (text: string) => (said += text));
  await expect.poll(() => said, { timeout: 60_000 }).toContain('nobody');
  child.kill('SIGTERM');
  expect((await result).stdout).toBe('nobody\ncaught\n');
  expect(await clusters()).toEqual([]);
});

test('killed, it leaves no cluster', async () => {
  const { child, result } = startDbns([...run, '--', 'sh', '-c', 'echo here; sleep 20'], { expectExit: 'any' });
  let said = '';
  child.stdout?.on('data', (text: string) => (said += text));
  await expect.poll(() => said, { timeout: 60_000 }).toContain('here');
  child.kill('SIGKILL');
  await expect.poll(clusters).toEqual([]);
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await result;
});

test('--keep-on-failure leaves it, and its lease is over', async () => {
  const { stderr } = await dbns([...run, '--keep-on-failure', '--', 'false'], { expectExit: 1 });
  expect(stderr).toContain("The cluster 'replication' is kept");
  const [kept] = await clusters();
  expect(kept).toMatchObject({ name: 'replication', state: 'running', lease: null });
  expect(await query(kept?.nodes[0]?.socket ?? '', 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test.each([
  { words: [...run], exit: 2, code: 'DBNS_USAGE' },
  { words: [...run, '--', 'no-such-program'], exit: 127, code: 'DBNS_NO_PROGRAM' },
  { words: [...run, '--user', 'no-such-user', '--', 'true'], exit: 2, code: 'DBNS_USAGE' },
  { words: ['run', 'pxc', '--image', 'nothing:1', '--', 'true'], exit: 4, code: 'DBNS_NOT_FOUND' },
])('what dbns itself fails at is in the report: $words', async ({ words, exit, code }) => {
  const file = `${directory}/report.json`;
  rmSync(file, { force: true });
  await dbns([words[0] ?? '', words[1] ?? '', '--report', file, ...words.slice(2)], { expectExit: exit });
  expect(existsSync(file)).toBe(true);
  expect(report()).toMatchObject({ cluster: null, command: null, error: { code } });
});
