import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createGroup, createPxc, hasImages, MYSQL, statusOf } from './world/cluster.js';
import { run } from './world/command.js';
import { kernelNow } from './world/kernel.js';
import { dbns, expectSameMachine, snapshot } from './world/machine.js';
import { machineWithout, nodePlace, type Place } from './world/places.js';
import { THOROUGH } from './world/sample.js';
import { knockFrom } from './world/traffic.js';

// Programs of others on the network of a cluster of Galera: what they reach, and that nothing of them is touched or left.

const NO_ANSWER = 400; // ms after which none will come
const [NODE1, NODE2] = ['10.200.0.2', '10.200.0.3'];

let before = '';
let whole = '';
const others: ChildProcess[] = [];

beforeAll(async () => {
  before = await snapshot();
  await createPxc(['a', '--nodes', '2']);
  whole = await kernelNow();
});

afterEach(async () => {
  for (const child of others.splice(0)) child.kill('SIGKILL');
  await statusOf('a');
  expectSameMachine(whole, await kernelNow());
});

afterAll(async () => {
  await dbns(['destroy', '--all', '--yes']);
  expectSameMachine(before, await snapshot());
});

/** A program in a network namespace of its own, with an /etc/hosts of its own if one is given. */
async function somebody(hosts?: string): Promise<number> {
  const script = hosts === undefined ? 'exec sleep 1000' : `mount --bind ${hosts} /etc/hosts && exec sleep 1000`;
  const child = spawn('unshare', ['--net', '--mount', 'sh', '-c', script], { stdio: 'ignore' });
  others.push(child);
  const isReady = async () => (await run(['cat', `/proc/${child.pid}/comm`], { expectExit: 'any' })).stdout.trim();
  await expect.poll(isReady).toBe('sleep');
  return child.pid ?? 0;
}

const inside = (pid: number): Place => ['nsenter', '--target', String(pid), '--net'];
const knocks = (from: Place, to: string, port: number) => knockFrom(from, to, port, NO_ANSWER);
const shown = async (place: Place) => (await run([...place, 'ip', '-o', 'address', 'show'])).stdout;

async function assertClientPortsAlone(place: Place): Promise<void> {
  expect(await knocks(place, NODE1, 3306)).toBe('open');
  for (const port of [4444, 4567, 4568]) expect(await knocks(place, NODE2, port)).toBe('no answer');
}

describe('a process', () => {
  test('gets an interface, an address and no default route; server ports are for members, by no way round', async () => {
    const pid = await somebody();
    const { stdout } = await dbns(['attach', 'a', 'app', '--pid', String(pid)]);
    expect(stdout).toContain('no /etc/hosts of its own');
    expect(await shown(inside(pid))).toMatch(/dbns0 +inet 10\.200\.0\.4\/24/);
    expect((await run([...inside(pid), 'ip', 'route', 'show', 'default'])).stdout).toBe('');
    await assertClientPortsAlone(inside(pid));
    // By way of the gateway.
    await run([...inside(pid), 'ip', 'route', 'add', `${NODE2}/32`, 'via', '10.200.0.1']);
    expect(await knocks(inside(pid), NODE2, 3306)).toBe('open');
    expect(await knocks(inside(pid), NODE2, 4567)).toBe('no answer');
    expect(await knocks(nodePlace('a', 'node1'), NODE2, 4567)).toBe('open');
    const { attached, nodes } = await statusOf('a');
    expect(nodes).toHaveLength(2);
    expect(attached).toMatchObject([
      { name: 'app', origin: 'process', process: 'running', pid, address: '10.200.0.4' },
    ]);
    expect((await dbns(['network', 'a'])).stdout).toMatch(/app +10\.200\.0\.4 +\S+ +dbns0/);
    expect((await dbns(['exec', 'a', 'app', '--', 'getent', 'ahosts', 'node2'])).stdout).toContain(NODE2);
    await dbns(['detach', 'a', 'app']);
    expect(await shown(inside(pid))).toBe('');
    expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('sleep\n');
  });

  test('that says a member’s address reaches no server port either', async () => {
    const pid = await somebody();
    await dbns(['attach', 'a', 'app', '--pid', String(pid)]);
    const count =
      'table inet spy { chain in { type filter hook input priority 0; ip saddr 10.200.0.2 tcp dport 4567 tcp flags syn / syn,ack counter; }; }';
    await run([...nodePlace('a', 'node2'), 'nft', '-f', '-'], { input: count });
    await run([...inside(pid), 'ip', 'address', 'add', `${NODE1}/32`, 'dev', 'dbns0']);
    await run([...inside(pid), 'ip', 'route', 'replace', '10.200.0.0/24', 'dev', 'dbns0', 'src', NODE1]);
    expect(await knocks(inside(pid), NODE2, 4567)).toBe('no answer');
    const arrived = async () =>
      /packets (\d+)/.exec(
        (await run([...nodePlace('a', 'node2'), 'nft', 'list', 'table', 'inet', 'spy'])).stdout,
      )?.[1];
    expect(await arrived()).toBe('0');
    await run([...inside(pid), 'ip', 'address', 'delete', `${NODE1}/32`, 'dev', 'dbns0']);
    await run([...nodePlace('a', 'node2'), 'nft', 'delete', 'table', 'inet', 'spy']);
    await dbns(['detach', 'a', 'app']);
  });

  test('with an /etc/hosts of its own has the names in there, and then not any more', async () => {
    const file = `${process.env.HOME ?? ''}/hosts-of-app`;
    const own = '127.0.0.1 localhost\n172.17.0.2 app # no line end';
    writeFileSync(file, own);
    const pid = await somebody(file);
    const { stdout } = await dbns(['attach', 'a', 'app', '--pid', String(pid)]);
    expect(stdout).not.toContain('of its own');
    expect(readFileSync(file, 'utf8')).toMatch(/^10\.200\.0\.3 node2$/m);
    await dbns(['attach', 'a', 'job', '--', 'sleep', '1000']);
    expect(readFileSync(file, 'utf8')).toContain(' job\n');
    await dbns(['detach', 'a', 'job']);
    expect(readFileSync(file, 'utf8')).not.toContain(' job\n');
    await dbns(['detach', 'a', 'app']);
    expect(readFileSync(file, 'utf8')).toBe(own);
    rmSync(file);
  });

  test('that has ended leaves nothing after the next look, and what is destroyed does not end it', async () => {
    const pid = await somebody();
    await dbns(['attach', 'a', 'app', '--pid', String(pid)]);
    others.splice(0).forEach((child) => child.kill('SIGKILL'));
    expect((await statusOf('a')).attached).toEqual([]);
    expectSameMachine(whole, await kernelNow());
    const another = await somebody();
    await createPxc(['b', '--nodes', '1']);
    await dbns(['attach', 'b', 'app', '--pid', String(another)]);
    // Without a journal `destroy` goes by marks.
    await run(['rm', '/var/lib/dbns/clusters/b/journal.json']);
    await dbns(['destroy', 'b']);
    expect(readFileSync(`/proc/${another}/comm`, 'utf8')).toBe('sleep\n');
    expect(await shown(inside(another))).toBe('');
  });
});

describe.skipIf(!hasImages('haproxy:2.6'))('a proxy', () => {
  test('reaches the ports for clients alone, too', async () => {
    await dbns(['proxy', 'create', 'a']);
    await assertClientPortsAlone(nodePlace('a', 'proxy1'));
    await dbns(['proxy', 'remove', 'a', 'proxy1']);
    await expect.poll(async () => (await statusOf('a')).keeper).toBeNull();
  });
});

describe.skipIf(!THOROUGH || !hasImages(MYSQL))('a group', () => {
  test('has its port for members alone', async () => {
    await createGroup(['g', '--nodes', '2']);
    await dbns(['attach', 'g', 'app', '--', 'sleep', '1000']);
    expect(await knocks(nodePlace('g', 'app'), '10.200.1.2', 3306)).toBe('open');
    expect(await knocks(nodePlace('g', 'app'), '10.200.1.2', 33061)).toBe('no answer');
    expect(await knocks(nodePlace('g', 'node2'), '10.200.1.2', 33061)).toBe('open');
    expect((await statusOf('g')).state).toBe('running');
    await dbns(['destroy', 'g']);
  });
});

describe('a namespace with a name', () => {
  test('is attached and detached, and its own name and processes stay', async () => {
    await run(['ip', 'netns', 'add', 'blue']);
    await dbns(['attach', 'a', 'app', '--netns', 'blue', '--ip', '10.200.0.77']);
    const blue = ['ip', 'netns', 'exec', 'blue'];
    expect(await shown(blue)).toMatch(/dbns0 +inet 10\.200\.0\.77\/24/);
    await assertClientPortsAlone(blue);
    await dbns(['attach', 'a', 'twice', '--netns', 'blue'], { expectExit: 5 });
    await dbns(['detach', 'a', 'app']);
    expect(await shown(blue)).toBe('');
    await dbns(['attach', 'a', 'app', '--netns', 'blue']);
    await run(['ip', 'netns', 'delete', 'blue']);
    expect((await statusOf('a')).attached).toEqual([]);
  });
});

describe('a command', () => {
  test('runs as the caller, with its directory and environment, and ends like a node', async () => {
    const words = ['sh', '-c', 'echo "$(id -u) $(pwd) $COLOUR"; exec sleep 1000'];
    const place = ['env', '--chdir', '/var/tmp'];
    await dbns(['attach', 'a', 'app', '--', ...words], {
      place,
      env: { SUDO_UID: '12345', SUDO_GID: '12345', COLOUR: 'blue' },
    });
    expect((await dbns(['logs', 'a', 'app'])).stdout).toBe('12345 /var/tmp blue\n');
    const place1 = nodePlace('a', 'app');
    await assertClientPortsAlone(place1);
    expect(await shown(place1)).toMatch(/eth0 +inet 10\.200\.0\./);
    const { attached } = await statusOf('a');
    expect(attached).toMatchObject([{ name: 'app', origin: 'command', command: words, process: 'running' }]);
    expect((await run(['cat', `/proc/${attached[0]?.pid ?? 0}/status`])).stdout).toMatch(/^Uid:\s+12345/m);
    expect((await dbns(['stop', 'a', 'app'])).stdout).toMatch(/app +stopped/);
    const after = await statusOf('a');
    expect(after).toMatchObject({ state: 'running', attached: [] });
    expect((await dbns(['logs', 'a', 'app'])).stdout).toBe('12345 /var/tmp blue\n');
    await dbns(['detach', 'a', 'app']);
    await dbns(['logs', 'a', 'app'], { expectExit: 4 });
  });

  test('that ends at once is told with its words, one that ends later leaves its log alone', async () => {
    const { stderr } = await dbns(['attach', 'a', 'app', '--', 'sh', '-c', 'echo no database; exit 3'], {
      expectExit: 6,
    });
    expect(stderr).toMatch(/app ended at once with exit code 3\.\n +no database/);
    expectSameMachine(whole, await kernelNow());
    await dbns(['attach', 'a', 'app', '--', 'sh', '-c', 'echo ready; sleep 2']);
    await expect.poll(async () => (await statusOf('a')).attached).toEqual([]);
    expect((await dbns(['logs', 'a', 'app'])).stdout).toBe('ready\n');
    expect((await dbns(['detach', 'a', 'app'])).stdout).toContain('had ended');
  });
});

describe('what can not be attached', () => {
  const refused = async (words: readonly string[], exit: number, told: string, env = {}) => {
    const { stderr } = await dbns(['attach', 'a', ...words], { expectExit: exit, env });
    expect(stderr).toContain(told);
  };

  test('is refused in a sentence, and nothing is changed', async () => {
    const node1 = (await statusOf('a')).nodes[0]?.pid ?? 0;
    await refused(['app'], 2, 'Say one');
    await refused(['app', '--pid', '1', '--netns', 'blue'], 2, 'Say one');
    await refused(['app', '--pid', 'one'], 2, 'write the number of a process');
    await refused(['app', '--pid', String(process.pid)], 2, "the machine's own network");
    await refused(['app', '--pid', '4194303'], 4, 'no process 4194303');
    await refused(['app', '--pid', String(node1)], 5, "on a cluster's network already: dbns-a-node1");
    await refused(['app', '--netns', 'red'], 4, "no network namespace 'red'");
    await refused(['app', '--netns', '../x'], 2, "as 'ip netns list' has it");
    await refused(['app', '--container', '--x'], 2, '');
    await refused(['app', '--', 'no-such-program'], 4, "no program 'no-such-program'");
    await refused(['node3', '--', 'sleep', '1'], 2, "can't be the name");
    await refused(['app', '--ip', NODE1, '--', 'sleep', '1'], 5, 'node1 has it');
    const pid = await somebody();
    await run([...inside(pid), 'ip', 'address', 'add', '10.200.0.9/16', 'dev', 'lo']);
    await refused(['app', '--pid', String(pid)], 5, 'is something else in there');
  });

  test('of containers their engine is asked', async () => {
    const bin = `${process.env.HOME ?? ''}/bin`;
    const pid = await somebody();
    mkdirSync(bin, { recursive: true });
    const engine = `#!/bin/sh\ncase "$*" in\n *" app") echo ${pid};;\n *" off") echo 0;;\n *) echo "no such container" >&2; exit 1;;\nesac\n`;
    writeFileSync(`${bin}/podman`, engine, { mode: 0o755 });
    const env = { PATH: `${bin}:${process.env.PATH ?? ''}` };
    await refused(['x', '--container', 'gone'], 4, "no container 'gone'", env);
    await refused(['x', '--container', 'off'], 5, 'does not run', env);
    await dbns(['attach', 'a', 'x', '--container', 'app'], { env });
    expect((await statusOf('a')).attached).toMatchObject([{ name: 'x', container: 'app', pid }]);
    await dbns(['detach', 'a', 'x']);
    rmSync(bin, { recursive: true });
    const { stderr } = await dbns(['attach', 'a', 'x', '--container', 'app'], {
      place: machineWithout('docker', 'podman'),
      expectExit: 3,
    });
    expect(stderr).toContain('neither docker nor podman');
  });
});
