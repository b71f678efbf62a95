import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Diagnosis } from '../../src/lifecycle/doctor/diagnosis.js';
import type { ClusterView } from '../../src/lifecycle/view.js';
import { createPxc, statusOf } from './world/cluster.js';
import { run } from './world/command.js';
import { dbns, expectSameMachine, keepMachineClean, snapshot, startDbns } from './world/machine.js';

const STATE = '/var/lib/dbns';
const CLUSTERS = `${STATE}/clusters`;
const PROGRAM = path.resolve(import.meta.dirname, '../../bin/run.js');
const FIXTURES = path.resolve(import.meta.dirname, '../fixtures/state');

const sh = (script: string) => run(['bash', '-euc', script]);
const create = (name: string) => createPxc([name, '--nodes', '1', '--internal']);
const destroy = (name: string, expectExit = 0) => dbns(['destroy', name], { expectExit });
const doctor = async (words: readonly string[] = [], expectExit = 0) =>
  (await dbns(['doctor', ...words, '--json'], { expectExit })).json as Diagnosis;

/** State of each cluster, by name. */
async function statesBy(command: 'list' | 'status'): Promise<Record<string, string>> {
  const { json } = await dbns([command, '--json']);
  const { clusters } = json as { clusters: readonly ClusterView[] };
  return Object.fromEntries(clusters.map(({ name, state }) => [name, state]));
}

/** What a command that failed said. */
async function errorOf(
  words: readonly string[],
  expectExit: number,
): Promise<{ message: string; suggestions: string[] }> {
  const { json } = await dbns([...words, '--json'], { expectExit });
  return (json as { error: { message: string; suggestions: string[] } }).error;
}

keepMachineClean();

describe('a cluster.json', () => {
  const BROKEN = {
    bare: 'mkdir bare',
    binary: 'mkdir binary; head -c 2000 /dev/urandom > binary/cluster.json',
    cut: 'mkdir cut; head -c 300 v/cluster.json > cut/cluster.json',
    directory: 'mkdir -p directory/cluster.json/x',
    empty: 'mkdir empty; : > empty/cluster.json',
    file: 'echo something > file',
    link: 'mkdir ~/elsewhere; cp v/cluster.json ~/elsewhere; ln -s ~/elsewhere link',
    newer: `mkdir newer; sed 's/"version": 1/"version": 99/' v/cluster.json > newer/cluster.json`,
    types: `mkdir types; sed 's/"nodes": .*/"nodes": 7, "x": [/' v/cluster.json > types/cluster.json`,
    'v-copy': 'cp -a v v-copy',
    zeroes: 'mkdir zeroes; head -c 1000 /dev/zero > zeroes/cluster.json',
  } as const;
  const names = Object.keys(BROKEN) as (keyof typeof BROKEN)[];

  test('that is damaged, or a copy, takes no other cluster along; destroy removes it alone', async () => {
    await create('v');
    await sh(`cd ${CLUSTERS}; ${Object.values(BROKEN).join('\n')}`);
    const expected = { ...Object.fromEntries(names.map((name) => [name, 'broken'])), v: 'running' };
    expect(await statesBy('list')).toEqual(expected);
    expect(await statesBy('status')).toEqual(expected);
    expect((await dbns(['list'])).stdout).toMatch(
      /^cut +unknown +broken[^]*cut is broken:\n.*no JSON\.\n +→ dbns destroy cut/m,
    );
    await dbns(['status', '--check'], { expectExit: 7 });
    await dbns(['status', 'v', '--check']);
    await dbns(['image', 'list']);
    await dbns(['image', 'prune', '--dry-run']);
    expect(await errorOf(['uri', 'cut'], 3)).toMatchObject({ suggestions: ['dbns destroy cut'] });
    const told = (await doctor()).checks.map(({ found }) => found).join('\n');
    for (const name of names) expect(told).toContain(`the cluster '${name}' is broken`);
    // Its name and its network stay taken.
    expect((await errorOf(['pxc', 'create', 'empty', '--dry-run'], 5)).message).toContain("'empty' exists already");
    await createPxc(['w', '--nodes', '1', '--internal']);
    for (const name of names) await destroy(name);
    expect(readdirSync(CLUSTERS).sort()).toEqual(['v', 'w']);
    await sh('test -e ~/elsewhere/cluster.json; rm -r ~/elsewhere');
    await dbns(['status', '--check']);
  });

  test('that is a copy under its own name is known by what is not named after it', async () => {
    await create('v');
    await sh(`cd ${CLUSTERS}; cp -a v twin; rm -r twin/node1/data
      sed -i 's/"name": "v"/"name": "twin"/; s#dbns-v-#dbns-twin-#; s#clusters/v/#clusters/twin/#; s#run/dbns/v/#run/dbns/twin/#' twin/cluster.json`);
    await destroy('twin');
    await dbns(['status', '--check', 'v']);
    await sh(
      `cd ${CLUSTERS}; cp -a v twin; sed -i 's/"name": "v"/"name": "twin"/; s#dbns-v-#dbns-twin-#; s#clusters/v/#clusters/twin/#' twin/cluster.json`,
    );
    await destroy('v');
    await destroy('twin');
  });
});

test('a cluster without cluster.json and journal is removed by its marks', async () => {
  const [before, cluster] = [await snapshot(), await create('v')];
  await sh(`cd ${CLUSTERS}/v; : > cluster.json; rm journal.json`);
  await destroy('v');
  expect(existsSync(`/proc/${cluster.nodes[0]?.pid ?? 0}`)).toBe(false);
  expectSameMachine(before, await snapshot());
});

test('a helper that was still to begin when its command was killed goes with the cluster', async () => {
  await create('v');
  const directory = `${CLUSTERS}/v/node1`;
  // As that of a copy or an upgrade, held up where a bwrap waits for whoever has died.
  const helper = spawn('bwrap', ['--dev-bind', '/', '/', '--bind', directory, directory, '--block-fd', '3', 'true'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  await once(helper, 'spawn');
  await Promise.all([once(helper, 'exit'), destroy('v')]);
  expect(helper.signalCode).toBe('SIGKILL');
});

test('caches and hints that are damaged are made again; a lost journal or password keeps nobody', async () => {
  const before = await snapshot();
  await create('v');
  const asUser = ['unshare', '--user', '--map-user', '1000', '--map-group', '1000', process.execPath, PROGRAM];
  const damages = [
    'echo "{" > clusters/v/processes.json; for file in servers/*; do head -c 20 $file > x; mv x $file; done; echo "[" > shared.json',
    'rm clusters/v/processes.json; mkdir clusters/v/processes.json; for file in servers/* shared.json; do rm $file; mkdir -p $file/x; done',
    'rm clusters/v/password; mkdir clusters/v/password; : > clusters/v/journal.json',
  ];
  for (const damage of damages) {
    await sh(`cd ${STATE}; ${damage}`);
    await run([...asUser, 'list']);
    await dbns(['status', '--check', 'v']);
    expect((await run([...asUser, 'list'])).stdout).toMatch(/^v +pxc +running/m);
    await dbns(['image', 'list']);
  }
  expect((await errorOf(['uri', 'v'], 3)).message).toMatch(/password/);
  const told = (await doctor()).checks.map(({ found }) => found).join('\n');
  for (const words of ['shared.json is a directory', "'v' has lost its journal", 'clusters/v/password'])
    expect(told).toContain(words);
  await create('w');
  expect(readdirSync(`${STATE}/servers`).every((file) => readFileSync(`${STATE}/servers/${file}`, 'utf8') !== '')).toBe(
    true,
  );
  await destroy('v');
  await destroy('w');
  expectSameMachine(before, await snapshot());
});

describe('what can not be removed', () => {
  test('is named with the command that helps, and stops nobody else: a mount of the user in a cluster', async () => {
    await create('v');
    const inside = `${CLUSTERS}/v/node1/mine`;
    await sh(`mkdir ~/mine ${inside}; touch ~/mine/precious; mount --bind ~/mine ${inside}`);
    const { message, suggestions } = await errorOf(['destroy', 'v'], 8);
    expect(message).toContain(inside);
    expect(suggestions).toEqual([`umount ${inside}`, 'dbns destroy v']);
    await create('w');
    await destroy('w');
    await sh(`test -e ~/mine/precious; ${suggestions[0] ?? ''}; rm -r ~/mine`);
    await destroy('v');
  });

  test('of clusters and pristine directories that are gone, the same', async () => {
    const drafts = [`${CLUSTERS}/.retired-deadbeef`, `${STATE}/pristine/.draft-0123`];
    await sh(drafts.map((draft) => `mkdir -p ${draft}/x; mount -t tmpfs tmpfs ${draft}/x`).join('\n'));
    await create('w');
    const { stderr } = await destroy('w');
    for (const draft of drafts) expect(stderr).toContain(`umount ${draft}/x`);
    const { checks } = await doctor(['--fix'], 8);
    for (const draft of drafts) expect(checks.flatMap(({ advice }) => advice)).toContain(`umount ${draft}/x`);
    await sh(drafts.map((draft) => `umount ${draft}/x`).join('\n'));
    await doctor(['--fix']);
    expect(drafts.filter(existsSync)).toEqual([]);
  });

  test('for want of its mark goes by other evidence, or is named', async () => {
    await create('v');
    await sh("echo '127.0.0.1 localhost' > /etc/netns/dbns-v-node1/hosts; rm /run/dbns/v/.dbns");
    const { message, suggestions } = await errorOf(['destroy', 'v'], 8);
    expect(message).toMatch(/:\n {2}directory \/run\/dbns\/v: not ours: it has no mark of the cluster$/);
    expect(suggestions).toEqual(['rm -r /run/dbns/v', 'dbns destroy v']);
    expect(existsSync('/run/netns/dbns-v-node1')).toBe(false);
    await sh(suggestions[0] ?? '');
    await destroy('v');
  });
});

test('a pristine directory that is damaged is seen, and made anew', async () => {
  // Those of other images lie there too: which is ours is known when it is the only one.
  await sh(`rm -rf ${STATE}/pristine/*`);
  await create('v');
  await destroy('v');
  const [pristine = ''] = readdirSync(`${STATE}/pristine`);
  await sh(`: > ${STATE}/pristine/${pristine}/data/ibdata1`);
  const found = (await doctor()).checks.find((check) => check.found.includes('ibdata1'));
  expect(found).toMatchObject({ state: 'warning', advice: ['dbns doctor --fix'] });
  const { stderr } = await dbns(['pxc', 'create', 'v', '--nodes', '1', '--internal']);
  expect(stderr).toMatch(/ibdata1 was changed/);
  await destroy('v');
  await sh(`rm ${STATE}/pristine/${pristine}/data/mysql/*.frm`);
  expect((await doctor(['--fix'])).fixed).toEqual([expect.stringMatching(/\.frm is missing/)]);
  expect(existsSync(`${STATE}/pristine/${pristine}`)).toBe(false);
});

describe('a place that can not be used makes create exit 3, by its name, and leaves nothing', () => {
  const readOnly = (place: string) => `mount --rbind ${place} ${place}; mount -o remount,bind,ro ${place}`;
  test.each([
    [CLUSTERS, `touch ${CLUSTERS}`, `rm ${CLUSTERS}`],
    [
      `${STATE}/pristine`,
      `mv ${STATE}/pristine ~; touch ${STATE}/pristine`,
      `rm ${STATE}/pristine; mv ~/pristine ${STATE}`,
    ],
    ['/run/dbns', 'touch /run/dbns', 'rm /run/dbns'],
    ['/etc/netns', 'touch /etc/netns', 'rm /etc/netns'],
    ['/run/netns', 'touch /run/netns', 'rm /run/netns'],
    ['/run', readOnly('/run'), 'umount -R /run'],
    ['/etc', readOnly('/etc'), 'umount -R /etc'],
    ['/proc/sys', readOnly('/proc/sys'), 'umount -R /proc/sys'],
    [STATE, readOnly(STATE), `umount -R ${STATE}`],
  ])('%s', async (place, spoil, mend) => {
    await sh(`mkdir -p ${STATE}/pristine`);
    const before = await snapshot();
    await sh(spoil);
    try {
      const { message } = await errorOf(['pxc', 'create', 'v', '--nodes', '1'], 3);
      expect(message).toContain(place);
      const problems = (await doctor([], 3)).checks.filter(({ state }) => state === 'problem');
      expect(problems.map(({ found }) => found).join('\n')).toContain(place);
    } finally {
      await sh(mend);
    }
    expectSameMachine(before, await snapshot());
  });
});

test('a power cut takes neither journal nor password, nor what a pristine directory holds', async () => {
  // What the backing file of a loop device holds is what a disk does: the kernel's cache is not in it.
  await sh(`mkdir -p ~/disk ~/after ${CLUSTERS} ${STATE}/pristine; truncate -s 1G ~/disk.img; mkfs.ext4 -q ~/disk.img
    mount -o loop ~/disk.img ~/disk; mkdir ~/disk/clusters ~/disk/pristine
    mount --bind ~/disk/clusters ${CLUSTERS}; mount --bind ~/disk/pristine ${STATE}/pristine`);
  try {
    const { child, result } = startDbns(['pxc', 'create', 'v', '--nodes', '1'], { expectExit: 'any' });
    // The first thing that it makes.
    await expect.poll(() => existsSync('/run/dbns/v'), { interval: 2 }).toBe(true);
    child.kill('SIGSTOP');
    await sh('cp --sparse=always ~/disk.img ~/after.img; mount -o loop ~/after.img ~/after');
    child.kill('SIGCONT');
    await result;
    await sh(`for file in cluster.json journal.json password; do test -s ~/after/clusters/v/$file; done
      cmp ~/after/clusters/v/journal.json ${CLUSTERS}/v/journal.json; cmp ~/after/clusters/v/password ${CLUSTERS}/v/password
      diff -r ~/after/pristine ${STATE}/pristine`);
    await destroy('v');
  } finally {
    await sh(`for place in ~/after ${CLUSTERS} ${STATE}/pristine ~/disk; do umount $place || true; done
      rm -r ~/disk ~/after ~/*.img; rmdir ${CLUSTERS} || true`);
  }
});

test('clusters that dbns 0.1.0 made are listed, shown and destroyed', async () => {
  const before = await snapshot();
  cpSync(FIXTURES, STATE, { recursive: true });
  mkdirSync('/run/dbns');
  for (const name of readdirSync(CLUSTERS)) {
    const { id, nodes } = JSON.parse(readFileSync(`${CLUSTERS}/${name}/cluster.json`, 'utf8')) as {
      id: string;
      nodes: { namespace: string }[];
    };
    for (const { namespace } of nodes) {
      mkdirSync(`/etc/netns/${namespace}`, { recursive: true });
      writeFileSync(`/etc/netns/${namespace}/hosts`, `# dbns:${id} ${name}\n127.0.0.1 localhost\n`);
    }
  }
  const expected = { chain: 'degraded', galera: 'degraded', grp: 'degraded', half: 'failed', star: 'degraded' };
  expect(await statesBy('list')).toEqual(expected);
  expect(await statesBy('status')).toEqual(expected);
  const { nodes } = await statusOf('star');
  expect(nodes.map(({ role, server, process }) => [role, server.split(' ')[0], process])).toEqual([
    ['primary', 'mysql', 'missing'],
    ['replica', 'mysql', 'missing'],
  ]);
  await dbns(['destroy', '--all', '--yes']);
  expectSameMachine(before, await snapshot());
});
