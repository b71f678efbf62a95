import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { localMachine } from '../../src/host/local-machine.js';
import type { Machine } from '../../src/host/machine.js';
import { CATALOGUE } from '../../src/images/catalogue.js';
import { rootMounts } from '../../src/images/root-mounts.js';
import { findImage, listImages, removeImage } from '../../src/images/store.js';
import { removeUnfinishedTrees } from '../../src/images/unfinished.js';
import { containerArgv } from '../../src/process/container.js';
import { run, start, type RunningCommand } from './world/command.js';
import { random, sample } from './world/sample.js';

// Pulls through the machine's own apt sources, so outside a world (DBNS_TEST_PULL=1), but with a /tmp of its own. Others
// work on the machine meanwhile: what is looked for carries the name of our own directory of state.

const DRIVER = fileURLToPath(new URL('./image-pull.mjs', import.meta.url));
const REF = 'mariadb:10.11';
const DEBIAN = CATALOGUE.filter(({ from }) => from.kind === 'debian');
/** A mirror's copy of sid is the first to expire. */
const MAY_BE_EXPIRED = DEBIAN.flatMap(({ ref, from }) => (from.kind === 'debian' && from.suite === 'sid' ? ref : []));

let state = '';
let machine: Machine = localMachine;
let temporaryBefore: readonly string[] = [];
beforeAll(() => {
  state = mkdtempSync('/var/tmp/image-pull-');
  machine = { ...localMachine, roots: { ...localMachine.roots, state } };
  temporaryBefore = temporary();
});
afterAll(() => {
  rmSync(state, { recursive: true });
});
afterEach(async () => {
  await expectNoProcess();
  expect(temporary()).toEqual(temporaryBefore);
});

/** Those that have no data, by how their versions are asked for. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  haproxy: ['-v'],
  router: ['--version'],
};

function pull(ref: string): RunningCommand {
  const allowExpired = process.env.DBNS_ALLOW_EXPIRED === '1' || MAY_BE_EXPIRED.includes(ref);
  return start([process.execPath, DRIVER, state, ref, JSON.stringify({ allowExpired })], {
    expectExit: 'any',
  });
}

/** A pull that has been going on for so many milliseconds. */
async function pullFor(moment: number): Promise<RunningCommand> {
  const running = pull(REF);
  if (running.child.stdout !== null) await once(running.child.stdout, 'data');
  await sleep(moment);
  return running;
}

function treesLeft(name = 'mariadb'): readonly string[] {
  const family = path.join(state, 'images', name);
  return existsSync(family) ? readdirSync(family) : [];
}

function temporary(): readonly string[] {
  return readdirSync('/tmp');
}

/** Those that name our directories in their words, or have a mount of them, in whatever namespace. */
function processesLeft(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => ['cmdline', 'mountinfo'].some((file) => read(`/proc/${pid}/${file}`).includes(state)))
    .map((pid) => read(`/proc/${pid}/status`).split('\n').slice(0, 6).join(' ') + read(`/proc/${pid}/cmdline`));
}

/** Its namespace's init is gone at once; a process that waits for the disk (dpkg's fsync) ends with its write. */
async function expectNoProcess(): Promise<void> {
  await expect.poll(processesLeft).toEqual([]);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

describe('interrupting a pull', () => {
  test.each(sample([0, 700, 1200, 2000, 3000, 4500, 6000, 8000], 2))(
    'by kill -9 about %i ms after its start leaves a directory at most',
    async (moment) => {
      const { child, result } = await pullFor(moment + random() * 500);
      child.kill('SIGKILL');
      await result;
      await expectNoProcess();
      await removeWhatWasQuicker();
      expect(treesLeft().filter((name) => name !== '.10.11.partial')).toEqual([]);
    },
  );

  test.each(sample([0, 500, 2500, 5000], 1))('by an abort after %i ms leaves nothing', async (moment) => {
    await removeUnfinishedTrees(machine); // of those killed above
    const { child, result } = await pullFor(moment);
    child.kill('SIGINT');
    expect((await result).stdout).toMatch(/(aborted|pulled \w+)\n$/);
    await removeWhatWasQuicker();
    expect(treesLeft()).toEqual([]);
  });

  /** On a quick machine a pull may be through before its interruption; then its image must be whole. */
  async function removeWhatWasQuicker(): Promise<void> {
    for (const { ref } of await listImages(machine)) {
      await inImage(ref, ['mariadbd', '--no-defaults', '--version']);
      await removeImage(machine, ref);
    }
  }
});

// test/run pulls them all besides, each once.
describe.each(sample(DEBIAN, 1))('$ref', ({ ref, server }) => {
  const [name = '', version = ''] = ref.split(':');

  test('is made once by two pulls at the same time', async () => {
    const both = await Promise.all([pull(ref).result, pull(ref).result]);
    const [first, second] = both.map(({ stdout }) => /^pulled (\w+)$/m.exec(stdout)?.[1]);
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(first).toBe(second);
    expect(treesLeft(name)).toContain(version);
    expect(treesLeft(name).filter((entry) => entry.startsWith('.'))).toEqual([]);
  });

  test('has the programs that the catalogue says, and lacks no library', async () => {
    const { server: program = '', client, binlog, openssl } = server.programs;
    const asked = COMPANIONS[server.dialect] ?? ['--no-defaults', '--version'];
    expect(await inImage(ref, [program, ...asked])).toContain(` ${server.version}.`);
    for (const word of [client, binlog, 'setpriv']) if (word !== undefined) await inImage(ref, [word, '--version']);
    if (openssl !== undefined) expect(await inImage(ref, [openssl, 'version'])).toMatch(/^OpenSSL 3/);
    const files = `${program} /usr/bin/* /usr/lib/galera/*.so /usr/lib/mysql/plugin/*.so`;
    const script = `for file in ${files}; do ldd $file; done 2>/dev/null`;
    expect(await inImage(ref, ['bash', '-c', `${script} | grep "not found" | sort --unique || true`])).toBe('');
  });

  const hasData = !(server.dialect in COMPANIONS);
  test('makes a data directory, and has what a server of it calls', { skip: !hasData }, async () => {
    await (server.dialect === 'mysql' ? mysqlWorks(ref) : mariadbWorks(ref));
  });

  test('is gone after it was removed', async () => {
    await removeImage(machine, ref);
    await expect(findImage(machine, ref)).rejects.toThrow('is not on this machine yet');
    expect(treesLeft(name)).not.toContain(version);
    expect(treesLeft(name).filter((entry) => entry.startsWith('.'))).toEqual([]);
  });
});

async function mariadbWorks(ref: string): Promise<void> {
  for (const program of ['mariadb-backup', 'rsync']) await inImage(ref, [program, '--version']);
  for (const script of ['wsrep_sst_rsync', 'wsrep_sst_mariabackup'])
    await inImage(ref, ['bash', '-n', `/usr/bin/${script}`]);
  expect(await inImage(ref, ['bash', '-c', 'command -v ss ps awk grep sed find tar socat openssl | wc -l'])).toBe(
    '9\n',
  );
  await inImage(ref, ['bash', '-c', 'mariadb-install-db --no-defaults --datadir=/tmp/data --skip-test-db']);
}

async function mysqlWorks(ref: string): Promise<void> {
  for (const plugin of ['group_replication', 'mysql_clone', 'semisync_source', 'semisync_replica'])
    await inImage(ref, ['test', '-e', `/usr/lib/mysql/plugin/${plugin}.so`]);
  await inImage(ref, ['mysqld', '--no-defaults', '--initialize-insecure', '--datadir=/tmp/data']);
}

async function inImage(ref: string, command: readonly string[]): Promise<string> {
  const spec = {
    writable: [],
    files: {},
    hostname: 'test',
    network: 'none',
    user: 'server',
    dieWithParent: true,
  } as const;
  const mounts = await rootMounts(machine, await findImage(machine, ref));
  return (await run(containerArgv(machine, { ...spec, rootMounts: mounts }, command))).stdout;
}
