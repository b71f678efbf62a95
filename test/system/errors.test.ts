import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { run, start, type CommandOptions } from './world/command.js';
import { difference } from './world/difference.js';
import { dbns, keepMachineClean, snapshot, type DbnsOptions } from './world/machine.js';
import { machineWithout } from './world/places.js';

const STATE = '/var/lib/dbns';
const FAILED = `${STATE}/failed`;
const SCRATCH = '/tmp/dbns-errors';
const DBNS = `${process.execPath} ${path.resolve(import.meta.dirname, '../../bin/run.js')}`;

keepMachineClean();
let atEnd: string[] = [];
afterEach(async () => {
  for (const script of atEnd) await sh(script, { expectExit: 'any' });
  atEnd = [];
  rmSync(FAILED, { recursive: true, force: true }); // kept on purpose
  rmSync(SCRATCH, { recursive: true, force: true });
});

interface Cluster {
  readonly name: string;
  readonly state: string;
  readonly networks: readonly { readonly bridge: string }[];
  readonly nodes: readonly {
    readonly name: string;
    readonly pid: number | null;
    readonly process: string;
    readonly log: string;
  }[];
}

interface Failure {
  readonly exitCode: number;
  readonly code: string;
  readonly message: string;
  readonly suggestions: readonly string[];
}

const sh = (script: string, options?: CommandOptions) => run(['bash', '-c', script], options);

/** A dbns that must fail, and what it says under --json. */
async function failure(args: readonly string[], options: DbnsOptions = {}): Promise<Failure> {
  const { exitCode, json, stdout, stderr } = await dbns([...args, '--json'], { ...options, expectExit: 'any' });
  const { error } = (json ?? {}) as { error?: Omit<Failure, 'exitCode'> };
  if (error === undefined) throw new Error(`exit ${exitCode}, no error in JSON: ${stdout}${stderr}`);
  return { exitCode, ...error };
}

async function create(name: string, words: readonly string[] = []): Promise<Cluster> {
  return (await dbns(['pxc', 'create', name, '--nodes', '2', ...words, '--json'])).json as Cluster;
}

const failedCreate = (name: string, words: readonly string[] = [], options: DbnsOptions = {}) =>
  failure(['pxc', 'create', name, '--nodes', '2', ...words], options);

async function clusters(): Promise<readonly Cluster[]> {
  return ((await dbns(['status', '--json'])).json as { clusters: readonly Cluster[] }).clusters;
}

const pidsOf = ({ nodes }: Cluster) => nodes.map(({ pid }) => pid);

/** Does something that must leave the machine as it is. */
async function untouched<T>(work: () => Promise<T>): Promise<T> {
  const before = await snapshot();
  const result = await work();
  expect(withoutRunning(difference(before, await snapshot()))).toBe('');
  return result;
}

/** Less the lines about files that running servers write. */
const withoutRunning = (lines: string) =>
  lines.replace(/^[+-] \S+\/node\d+\/(data\/|server\.log ).*\n?/gm, '').replace(/^# files\n?$/, '');

describe('what is there already', () => {
  test('a cluster of the same name: exit 5, and the first one keeps running', async () => {
    const first = await create('same');
    const { exitCode, code, message, suggestions } = await untouched(() => failedCreate('same'));
    expect({ exitCode, code }).toEqual({ exitCode: 5, code: 'DBNS_CONFLICT' });
    expect(message).toContain("'same' exists");
    expect(suggestions).toContain('dbns destroy same');
    const [now] = await clusters();
    expect(now).toMatchObject({ name: 'same', state: 'running' });
    expect(now && pidsOf(now)).toEqual(pidsOf(first));
  });

  test('several clusters, and destroy without a name: exit 2 and the names', async () => {
    await Promise.all([create('one'), create('two')]);
    const { exitCode, message } = await untouched(() => failure(['destroy']));
    expect(exitCode).toBe(2);
    expect(message).toMatch(/one, two/);
    expect((await clusters()).map(({ state }) => state)).toEqual(['running', 'running']);
  });

  test("somebody else's namespace of the name that ours would have: exit 5, and it is left alone", async () => {
    await sh('ip netns add dbns-pxc-node1; ip -n dbns-pxc-node1 link add theirs type bridge');
    atEnd.push('ip netns delete dbns-pxc-node1; umount /run/netns; rmdir /run/netns');
    const { exitCode, message } = await untouched(() => failure(['pxc', 'create', '--nodes', '2']));
    expect(exitCode).toBe(5);
    expect(message).toContain('dbns-pxc-node1');
  });

  test.each([
    ['nft table', 'nft add table inet dbns-pxc', 'nft delete table inet dbns-pxc', 'dbns-pxc'],
    ['directory of sockets', 'mkdir -p /run/dbns/pxc', 'rm -r /run/dbns', '/run/dbns/pxc'],
    ['directory of hosts', 'mkdir -p /etc/netns/dbns-pxc-node2', 'rm -r /etc/netns', '/etc/netns/dbns-pxc-node2'],
    [
      'directory of state',
      `mkdir -p ${STATE}/clusters/pxc; echo theirs > ${STATE}/clusters/pxc/file`,
      `rm -r ${STATE}/clusters`,
      'pxc',
    ],
  ])("somebody else's %s: exit 5, and it is left alone", async (_, make, remove, name) => {
    await sh(make);
    atEnd.push(remove);
    const { exitCode, message } = await untouched(() => failure(['pxc', 'create', 'pxc', '--nodes', '2']));
    expect(message).toContain(name);
    expect(exitCode).toBe(5);
  });

  test('a route of the machine: exit 5, naming it', async () => {
    await sh('ip route add blackhole 10.66.0.0/16');
    atEnd.push('ip route delete blackhole 10.66.0.0/16');
    const { exitCode, message } = await untouched(() => failedCreate('pxc', ['--subnet', '10.66.7.0/24']));
    expect(exitCode).toBe(5);
    expect(message).toContain('10.66.0.0/16');
  });
});

describe('what the machine lacks', () => {
  const asNobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', ...DBNS.split(' ')];

  test('root: exit 3 with the sentence to type, and nothing is touched', async () => {
    const { stderr } = await untouched(() => run([...asNobody, 'pxc', 'create'], { expectExit: 3 }));
    expect(stderr).toMatch(/needs root/);
    expect(stderr).toMatch(/sudo env "PATH=\$PATH" dbns pxc create/);
  });

  test('root: list works without', async () => {
    await create('seen');
    const { stdout } = await run([...asNobody, 'list', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ clusters: [{ name: 'seen', state: 'running' }] });
    await run([...asNobody, 'destroy', 'seen'], { expectExit: 3 });
    await run([...asNobody, 'uri', 'seen'], { expectExit: 3 });
  });

  test.each([
    ['ip', 'iproute2'],
    ['nft', 'nftables'],
    ['bwrap', 'bubblewrap'],
    ['flock', 'util-linux'],
    ['setpriv', 'util-linux'],
    ['openssl', 'openssl'],
  ])('%s: exit 3 naming it and its package %s, and nothing is left', async (program, name) => {
    const { message, suggestions, exitCode } = await failedCreate('pxc', [], { place: machineWithout(program) });
    expect(message).toContain(`'${program}'`);
    expect([message, ...suggestions].join('\n')).toContain(`apt-get install ${name}`);
    expect(exitCode).toBe(3);
  });

  /** A small disk for the clusters. */
  async function fillable(options: string): Promise<void> {
    const directory = `${STATE}/clusters`;
    mkdirSync(directory, { recursive: true });
    await run(['mount', '-t', 'tmpfs', '-o', options, 'full', directory]);
    atEnd.push(`umount ${directory}; rmdir ${directory}`);
  }

  test.each([
    ['for the first file', 'size=4k'],
    ['for the data', 'size=2m'],
  ])('room %s: exit 3 naming the place, and nothing is left', async (_, size) => {
    await create('warm');
    await dbns(['destroy', 'warm']);
    await fillable(size);
    const failed = await untouched(() => failedCreate('full'));
    const files = readdirSync(`${STATE}/clusters`);
    expect(failed.message).toMatch(/no space (is )?left/i);
    expect(failed.message).toContain(`${STATE}/clusters/`);
    expect(files).toEqual([]);
    expect(failed.exitCode).toBe(3);
  });

  test('room for what the servers write: exit 3, rolled back, and it can be read why', async () => {
    await create('warm');
    await dbns(['destroy', 'warm']);
    await fillable('size=30m');
    const before = await snapshot();
    const failed = await failedCreate('full', ['--timeout', '10s']);
    rmSync(FAILED, { recursive: true });
    expect(difference(before, await snapshot())).toBe('');
    expect(readdirSync(`${STATE}/clusters`)).toEqual([]);
    expect(failed.message).toMatch(/^No space is left on the disk:\n {2}.+$/);
    expect(failed.exitCode).toBe(3);
  });

  test('an image that nobody knows: exit 4', async () => {
    expect(await untouched(() => failedCreate('pxc', ['--image', 'mariadb:99.9']))).toMatchObject({ exitCode: 4 });
    expect(await untouched(() => failedCreate('pxc', ['--image', 'nothing:1']))).toMatchObject({ exitCode: 4 });
    expect(await untouched(() => failedCreate('pxc', ['--image', 'dir:/opt/nothing']))).toMatchObject({ exitCode: 4 });
  });

  describe('a server that does not come up', () => {
    // The pristine directory is fine; its clones are not the server's own, so that it can't read them.
    function badClones() {
      mkdirSync(SCRATCH, { recursive: true });
      const script = '#!/bin/bash\n/bin/cp "$@" && chown -R 0:0 "${@: -1}"\n';
      writeFileSync(path.join(SCRATCH, 'cp'), script, { mode: 0o755 });
      return { PATH: `${SCRATCH}:${process.env.PATH ?? ''}` };
    }

    test('because it dies: exit 6, the last lines of its log, and all logs are kept', async () => {
      await create('warm');
      await dbns(['destroy', 'warm']);
      const before = await snapshot();
      const { exitCode, message, code } = await failedCreate('dies', [], { env: badClones() });
      expect({ exitCode, code }).toEqual({ exitCode: 6, code: 'DBNS_NOT_READY' });
      const [, culprit] = /The server of (node[12]) ended \((?:exit code \d+|it gave up)\)/.exec(message) ?? [];
      expect(message).toMatch(/Permission denied|Can't|not writable/i);
      const kept = /kept in (\/\S+[^.\s])/.exec(message)?.[1] ?? '';
      expect(readdirSync(kept)).toEqual(['node1.log', 'node2.log']);
      expect(readFileSync(`${kept}/${culprit}.log`, 'utf8')).toContain('[ERROR]');
      rmSync(FAILED, { recursive: true });
      rmSync(SCRATCH, { recursive: true });
      expect(difference(before, await snapshot())).toBe('');
    });

    test('of many that failed, five are kept', async () => {
      const env = badClones();
      for (let round = 0; round < 7; round++) await failedCreate(`dies${round}`, [], { env });
      const names = readdirSync(FAILED).map((name) => name.replace(/.*-/, ''));
      expect(names).toEqual(['dies2', 'dies3', 'dies4', 'dies5', 'dies6']);
    });

    test('because it is killed while it starts: exit 6, rolled back', async () => {
      await create('warm');
      await dbns(['destroy', 'warm']);
      const log = `${STATE}/clusters/dies/node2/server.log`;
      const killer = start([
        'bash',
        '-c',
        `until grep -q WSREP ${log} 2>/dev/null; do :; done; kill -9 $(ip netns pids dbns-dies-node2)`,
      ]);
      const { exitCode, message } = await failedCreate('dies');
      await killer.result;
      expect(message).toContain('The server of node2 ended');
      expect(message).toContain('From the log of node2, errors first:');
      expect(exitCode).toBe(6);
    });

    test('--keep-on-failure keeps it; status says failed; destroy removes it', async () => {
      const { exitCode, message, suggestions } = await failedCreate('kept', ['--keep-on-failure'], {
        env: badClones(),
      });
      expect(exitCode).toBe(6);
      expect(message).toContain('kept');
      expect(suggestions).toContain('dbns destroy kept');
      const [kept] = await clusters();
      expect(kept).toMatchObject({ name: 'kept', state: 'failed', nodes: [{ process: 'dead' }, { process: 'dead' }] });
      expect((await dbns(['list', '--json'])).json).toMatchObject({ clusters: [{ name: 'kept', state: 'failed' }] });
      expect((await dbns(['logs', 'kept', 'node1'])).stdout).toContain('[ERROR]');
      await dbns(['status', '--check'], { expectExit: 7 });
      await dbns(['destroy', 'kept']);
    });

    test('in time: exit 6, soon, and rolled back', async () => {
      await create('warm');
      await dbns(['destroy', 'warm']);
      const before = await snapshot();
      const { exitCode, message } = await failedCreate('late', ['--timeout', '100ms']);
      expect(message).toMatch(/node[12]/);
      expect(exitCode).toBe(6);
      rmSync(FAILED, { recursive: true });
      expect(difference(before, await snapshot())).toBe('');
    });

    test('for an option that it does not know: exit 2, naming it', async () => {
      const { exitCode, message } = await failedCreate('bad', ['-c', 'no_such_option=1']);
      expect(message).toContain('no_such_option');
      expect(exitCode).toBe(2);
    });

    test('for a place that is not there: exit 6 with what the server said', async () => {
      const { exitCode, message } = await failedCreate('bad', ['-c', 'innodb_data_home_dir=/nonexistent']);
      expect(message).toContain('The pristine data directory could not be made');
      expect(message).toContain('InnoDB');
      expect(exitCode).toBe(6);
      expect(readdirSync(`${STATE}/pristine`).filter((name) => name.startsWith('.'))).toEqual([]);
    });
  });
});

describe('what somebody did to a cluster', () => {
  /** destroy must fail with 8, and leave the machine's other things as they are. */
  async function expectLeftover(name: string, thing: string): Promise<void> {
    const { exitCode, code, message, suggestions } = await failure(['destroy', name]);
    expect({ exitCode, code }).toEqual({ exitCode: 8, code: 'DBNS_LEFTOVER' });
    expect(message).toContain(thing);
    expect(message).toMatch(/not ours/);
    expect(suggestions).toContain(`dbns destroy ${name}`);
    expect((await dbns(['list', '--json'])).stdout).toContain(`"name": "${name}"`);
  }

  test('another nft table in the place of ours: destroy exits 8, leaves it, and succeeds when it is gone', async () => {
    await create('hurt');
    atEnd.push('nft delete table inet dbns-hurt');
    await sh('nft delete table inet dbns-hurt; nft add table inet dbns-hurt; nft add chain inet dbns-hurt theirs');
    await expectLeftover('hurt', 'nft table inet dbns-hurt');
    expect((await run(['nft', 'list', 'ruleset'])).stdout).toContain('chain theirs');
    await run(['nft', 'delete', 'table', 'inet', 'dbns-hurt']);
    await dbns(['destroy', 'hurt']);
  });

  test('another directory of sockets in the place of ours: destroy exits 8 and leaves it', async () => {
    await create('hurt');
    atEnd.push('rm -rf /run/dbns/hurt');
    await sh('rm -r /run/dbns/hurt; mkdir /run/dbns/hurt; echo theirs > /run/dbns/hurt/file');
    await expectLeftover('hurt', '/run/dbns/hurt');
    expect(readFileSync('/run/dbns/hurt/file', 'utf8')).toBe('theirs\n');
    await run(['rm', '-r', '/run/dbns/hurt']);
    await dbns(['destroy', 'hurt']);
  });

  test('another bridge in the place of ours: destroy leaves it', async () => {
    const { networks } = await create('hurt');
    const bridge = networks[0]?.bridge ?? '';
    atEnd.push(`ip link delete ${bridge}`);
    await sh(`ip link delete ${bridge}; ip link add ${bridge} type bridge`);
    await dbns(['destroy', 'hurt'], { expectExit: 'any' });
    await run(['ip', 'link', 'delete', bridge]);
    await dbns(['destroy', 'hurt'], { expectExit: 'any' });
  });

  test('a namespace taken away while its server runs: it is missing, and destroy finds the server', async () => {
    const { nodes } = await create('hurt');
    await run(['ip', 'netns', 'delete', 'dbns-hurt-node1']);
    expect((await clusters())[0]?.nodes[0]).toMatchObject({ process: 'missing' });
    await dbns(['destroy', 'hurt']);
    expect(existsSync(`/proc/${nodes[0]?.pid}`)).toBe(false);
  });

  test('all that dbns made taken away by hand: destroy forgets the cluster', async () => {
    const { networks } = await create('hurt');
    await sh(`
      for n in 1 2; do kill -9 $(ip netns pids dbns-hurt-node$n); ip netns delete dbns-hurt-node$n; done
      ip link delete ${networks[0]?.bridge ?? ''}; nft delete table inet dbns-hurt
      rm -r /run/dbns/hurt /etc/netns/dbns-hurt-*`);
    await dbns(['destroy', 'hurt']);
  });
});

describe('streams and terminals', () => {
  test('x=$(dbns pxc create --json) returns: no server holds the pipe', async () => {
    const { stdout } = await sh(`x=$(${DBNS} pxc create piped --nodes 2 --json 2>/dev/null) && echo "$x"`);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'piped', state: 'running' });
  });

  test('all three streams may be closed', async () => {
    await sh(`${DBNS} pxc create mute --nodes 2 <&- >&- 2>&-`);
    expect(await clusters()).toMatchObject([{ name: 'mute', state: 'running' }]);
  });

  test('nobody reads what it prints: the cluster is made all the same', async () => {
    await sh(`${DBNS} pxc create mute --nodes 2 --json 2> >(true) | true`);
    expect(await clusters()).toMatchObject([{ name: 'mute', state: 'running' }]);
  });

  test('the servers hold no descriptor of who made them', async () => {
    const { nodes } = await create('clean');
    const { stdout } = await sh(`
      for pid in $(ip netns pids dbns-clean-node1); do readlink /proc/$pid/fd/[012]; done
      echo; for pid in $(ip netns pids dbns-clean-node1); do readlink /proc/$pid/fd/*; done`);
    const [streams = '', all = ''] = stdout.split('\n\n');
    const log = nodes[0]?.log;
    expect(new Set(streams.split('\n'))).toEqual(new Set(['/dev/null', log]));
    expect(all).not.toMatch(/^\/var\/lib\/dbns(\/clusters\/clean)?$/m); // locks
  });

  /** Runs a script in a terminal of its own; `type` presses keys. */
  function terminal(script: string) {
    const child = spawn('script', ['--quiet', '--return', '--flush', '--command', script, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    let shown = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text));
    const ended = new Promise<void>((resolve) => {
      child.once('close', () => {
        resolve();
      });
    });
    return {
      type: (keys: string) => {
        child.stdin.write(keys);
      },
      ended,
      shown: () => shown,
      until: async (words: string) => {
        while (!shown.includes(words) && child.exitCode === null) await sleep(10);
      },
    };
  }

  test('Ctrl-C after create does not reach the servers', async () => {
    const { until, type, ended } = terminal(`${DBNS} pxc create typed --nodes 2 && echo "now" "sleeping" && sleep 60`);
    await until('now sleeping');
    const [before] = await clusters();
    type('\x03');
    await ended;
    const [after] = await clusters();
    expect(after).toMatchObject({ name: 'typed', state: 'running' });
    expect(after && pidsOf(after)).toEqual(before && pidsOf(before));
  });

  test.each([0, 100, 200, 400, 600, 800])('Ctrl-C in create, %s ms on: rolled back, 130', async (after) => {
    await dbns(['image', 'list'], { expectExit: 'any' });
    const before = await snapshot();
    const { until, type, ended, shown } = terminal(
      `stty cols 120; trap : INT; ${DBNS} pxc create typed --nodes 2; code=$?; echo "code" "$code"`,
    );
    await until('prepare the network');
    await sleep(after);
    type('\x03');
    await ended;
    const code = Number(/code (\d+)/.exec(shown())?.[1]);
    expect([130, 0]).toContain(code);
    if (after <= 200) expect(code).toBe(130);
    if (code === 0) await dbns(['destroy', 'typed']);
    expect(difference(before, await snapshot())).toBe('');
  });
});
