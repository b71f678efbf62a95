import { createCipheriv, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { ClusterView, NodeView } from '../../src/lifecycle/view.js';
import { createPxc, createReplication, hasImages, MYSQL, nodeOf, statusOf, value } from './world/cluster.js';
import { run, type CommandOptions } from './world/command.js';
import { keepMachineClean, userTypes } from './world/machine.js';

const SCRATCH = '/tmp/dbns-caller';
const NOWHERE = '203.0.113.1'; // TEST-NET-3: whoever goes there waits

keepMachineClean();
afterEach(() => {
  rmSync(SCRATCH, { recursive: true, force: true });
});

/** The script in a directory of its own. */
function inScratch(script: string, options?: CommandOptions) {
  mkdirSync(SCRATCH, { recursive: true });
  return userTypes(`cd ${SCRATCH}; ${script}`, options);
}

describe('open files', () => {
  /** A create under a lock, with a directory of the machine open besides. */
  const createHolding = async (create: string) => {
    // What closes them must not run what bash would.
    const scripts = `echo 'exit 90' >.bashrc; export HOME=$PWD BASH_ENV=$PWD/.bashrc SSH_CLIENT=x SHLVL=0`;
    const script = `exec 77</ 200>lock; ls -l /proc/$$/fd >held; flock -n 200 && ${create} --nodes 1 --json`;
    const { stdout } = await inScratch(`${scripts}; ${script}`, { env: { CALLERS_SECRET: 'x' } });
    return JSON.parse(stdout) as ClusterView;
  };

  /** What the caller had open above 2: `200 -> /tmp/dbns-caller/lock`. */
  const held = () =>
    [...readFileSync(`${SCRATCH}/held`, 'utf8').matchAll(/ (\d+) -> (.*)$/gm)]
      .filter(([, number]) => Number(number) > 2)
      .map(([, , target]) => target ?? '');

  const openIn = (pid: string) =>
    readdirSync(`/proc/${pid}/fd`).map((number) => readlinkSync(`/proc/${pid}/fd/${number}`));

  /** The server, and whatever stands around it. */
  async function expectNothingOfCallers({ namespace }: NodeView): Promise<void> {
    const pids = (await run(['ip', 'netns', 'pids', namespace])).stdout.trim().split('\n');
    expect(pids.length).toBeGreaterThan(1);
    for (const each of pids) {
      expect(openIn(each).filter((target) => held().includes(target))).toEqual([]);
      expect(readFileSync(`/proc/${each}/environ`, 'utf8')).not.toContain('CALLERS_SECRET');
    }
  }

  test('of the caller are not in servers: a lock is free again, and SQL does not reach the machine', async () => {
    const { nodes } = await createHolding('dbns pxc create');
    expect(held()).toEqual(expect.arrayContaining(['/', `${SCRATCH}/lock`]));
    await run(['flock', '--nonblock', `${SCRATCH}/lock`, 'true']);
    for (const node of nodes) await expectNothingOfCallers(node);
    const socket = nodes[0]?.socket ?? '';
    expect(await value(socket, "SELECT LOAD_FILE('/proc/self/fd/77/etc/passwd')")).toBeNull();
    expect(await value(socket, "SELECT LOAD_FILE('/etc/passwd') LIKE 'root:%'")).toBe(1); // it would read it
    const seen = String.raw`system ls -l /proc/self/fd\nsystem env`;
    const { stdout } = await inScratch(`exec 77</; TZ=UTC MYSQL_PS1=x dbns client pxc -- -e $'${seen}'`);
    expect(stdout).toContain(' 0 -> ');
    expect(stdout).not.toContain(' 77 -> ');
    expect(stdout).toContain('\nTZ=UTC\n');
    expect(stdout).not.toContain('MYSQL_PS1');
    const { stdout: passed } = await inScratch('dbns exec pxc node1 -- cat <(echo through)'); // no sandbox: as without it
    expect(passed).toBe('through\n');
  });

  test.skipIf(!hasImages(MYSQL))('are not in a server that was started again', async () => {
    const { nodes } = await createHolding(`dbns group create --image ${MYSQL}`);
    const [first] = nodes;
    if (first === undefined) throw new Error('no node');
    await expectNothingOfCallers(first);
    await value(first.socket, 'RESTART').catch(() => undefined);
    const pidNow = async () => nodeOf(await statusOf('group'), 'node1').pid;
    await expect.poll(async () => [null, first.pid].includes(await pidNow())).toBe(false);
    await expectNothingOfCallers(nodeOf(await statusOf('group'), 'node1'));
  });
});

describe('client', () => {
  /** A login path `[client]`, as mysql_config_editor writes it. */
  function loginPath(lines: string): Buffer {
    const key = randomBytes(20);
    const folded = Buffer.alloc(16);
    key.forEach((byte, index) => folded.writeUInt8(folded.readUInt8(index % 16) ^ byte, index % 16));
    const encrypted = lines.split('\n').map((line) => {
      const cipher = createCipheriv('aes-128-ecb', folded, null);
      const bytes = Buffer.concat([cipher.update(`${line}\n`), cipher.final()]);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return Buffer.concat([length, bytes]);
    });
    return Buffer.concat([Buffer.alloc(4), key, ...encrypted]);
  }

  /** A home, which is the working directory, with option files that lead elsewhere. */
  function misleadingHome(): void {
    const elsewhere = `[client]\nhost = ${NOWHERE}\nuser = nobody\npassword = wrong`;
    mkdirSync(SCRATCH, { recursive: true });
    writeFileSync(`${SCRATCH}/.my.cnf`, `${elsewhere}\nprotocol = tcp\n`);
    writeFileSync(`${SCRATCH}/.mylogin.cnf`, loginPath(elsewhere), { mode: 0o600 });
  }

  const MISLEADING = [
    `export HOME=${SCRATCH} MYSQL_HOME=${SCRATCH} MYSQL_GROUP_SUFFIX=_x MYSQL_TEST_LOGIN_FILE=${SCRATCH}/.mylogin.cnf`,
    `export MYSQL_HOST=${NOWHERE} MARIADB_HOST=${NOWHERE} MYSQL_PWD=wrong LIBMYSQL_PLUGIN_DIR=/nowhere`,
    'export MYSQL_UNIX_PORT=/nowhere MARIADB_UNIX_PORT=/nowhere MYSQL_TCP_PORT=1',
  ].join('\n');
  const WHO = `-N -e "SELECT CURRENT_USER(), @@hostname"`;

  const CLUSTERS = [
    { server: 'MariaDB', name: 'pxc', skip: false, create: () => createPxc(['--nodes', '2']) },
    {
      server: 'MySQL',
      name: 'replication',
      skip: !hasImages(MYSQL),
      create: () => createReplication(MYSQL, ['--nodes', '2']),
    },
  ];

  for (const { server, name, skip, create } of CLUSTERS) {
    test.skipIf(skip)(`of ${server} goes where it is told, and keeps every letter, whatever surrounds it`, async () => {
      await create();
      misleadingHome();
      const { stdout: named } = await inScratch(
        `eval "$(dbns uri ${name} node2 --format env)"; dbns client ${name} node1 -- ${WHO}`,
      );
      expect(named).toBe('dbns@%\tnode1\n');
      const { stdout: misled } = await inScratch(`${MISLEADING}\ndbns client ${name} node1 -- ${WHO}`);
      expect(misled).toBe('dbns@%\tnode1\n');
      const dump = 'CREATE DATABASE tea; CREATE TABLE tea.cups (a INT PRIMARY KEY, b VARCHAR(9) CHARACTER SET utf8mb4)';
      writeFileSync(`${SCRATCH}/dump.sql`, `${dump}; INSERT INTO tea.cups VALUES (1, '🍵é');\n`);
      const { stdout: said } = await inScratch(
        `export LANG=C LC_ALL=C; dbns client ${name} <dump.sql; dbns client ${name} -- -N -e 'SELECT b FROM tea.cups'`,
      );
      const { socket } = nodeOf(await statusOf(name), 'node1');
      expect(await value(socket, 'SELECT HEX(b) FROM tea.cups')).toBe('F09F8DB5C3A9');
      expect(said).toBe('🍵é\n');
    });
  }
});

test('a working directory that was removed, a PATH of cron, a umask: all goes as ever', async () => {
  const { stdout } = await inScratch(`
    mkdir gone && cd gone && rmdir ../gone && umask 077 || exit 90
    env -i PATH=/usr/bin:/bin DBNS_IMAGE="$DBNS_IMAGE" $DBNS pxc create --nodes 1 --json >/dev/null || exit 91
    env -i $DBNS doctor --json >/dev/null || exit 92
    dbns client pxc -- -N -e 'SELECT 1 + 1' || exit 93
    dbns exec pxc node1 -- hostname -I || exit 94
    dbns logs pxc | grep --max-count 1 --count 'ready for connections' || exit 95
    env -i $DBNS status pxc --check >/dev/null || exit 96
    setpriv --reuid 65534 --clear-groups env HOME=/nonexistent $DBNS list | grep --count running || exit 97
    dbns image pull oci:relative:latest 2>&1
    echo $?
    env -i $DBNS destroy`);
  const [sum, address, ready, listed, ...rest] = stdout.trim().split('\n');
  expect([sum, address?.trim(), ready, listed]).toEqual(['2', '10.200.0.2', '1', '1']);
  expect(rest.join('\n')).toMatch(/^Error: The working directory was removed[^\n]*\n[^\n]*\n2\nDestroyed: pxc$/);
});

describe('streams', () => {
  /** Descriptor 6 is a pipe that nobody reads. */
  const UNREAD = 'pipe=$(mktemp -u p-XXXXXX); mkfifo $pipe; exec 5<>$pipe 6>$pipe 5<&-; rm $pipe';

  const fate = async (script: string) => inScratch(`${UNREAD}; ${script}`, { expectExit: 'any' });

  test('that nobody reads, that are full or closed are told by the exit code, and are no bug', async () => {
    const expected: Record<string, string> = {
      'list >&6': '141',
      'status --json >&6': '141',
      '--help >&6': '141',
      'no-such-command --json >&6': '141',
      'list >/dev/full': '3 Error: The result could not be written to stdout',
      'list --json >/dev/full': '3 Error: The result could not be written to stdout',
      '--version >/dev/full': '3 Error: The result could not be written to stdout',
      'status nowhere --json >/dev/full': '3 Error: The result could not be written to stdout',
      'status nowhere 2>/dev/full': '4',
      'status nowhere 2>&6': '4',
      'status nowhere >&- 2>&-': '4',
      'list >&- 2>&- <&-': '0',
    };
    const fates = Object.keys(expected).map(async (words) => {
      const { stderr, exitCode } = await fate(`dbns ${words}`);
      return [words, `${exitCode} ${stderr.split(' (')[0] ?? ''}`.trim()];
    });
    expect(Object.fromEntries(await Promise.all(fates))).toEqual(expected);
  });

  test('status --watch ends when nobody reads it any more', async () => {
    const { exitCode } = await fate('set -o pipefail; dbns status --watch | head -1');
    expect(exitCode).toBe(141);
  });

  test('a disk that has room for a part of the result is full', async () => {
    const small = `mkdir small; mount -t tmpfs -o size=4k small small; trap 'umount small' EXIT; head -c 4000 /dev/zero >small/out`;
    const { stderr, exitCode } = await fate(`${small}; dbns --help >>small/out`);
    expect(stderr).toContain('could not be written');
    expect(exitCode).toBe(3);
  });

  test('create goes on when nobody reads what it says, and tells when its result is lost', async () => {
    expect((await fate('dbns pxc create unread --nodes 1 >&6 2>&6')).exitCode).toBe(141);
    const lost = await fate('dbns pxc create lost --nodes 1 --json >/dev/full');
    expect(lost.stderr).toContain('could not be written');
    expect(lost.exitCode).toBe(3);
    expect((await fate('dbns pxc create closed --nodes 1 >&- 2>&- <&-')).exitCode).toBe(0);
    for (const name of ['unread', 'lost', 'closed']) expect((await statusOf(name)).state).toBe('running');
  });
});
