import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandLines, createPxc, nodeOf, statusOf, value } from './world/cluster.js';
import { run } from './world/command.js';
import { dbns, inNode, keepMachineClean, startDbns, uriOf, userTypes } from './world/machine.js';

keepMachineClean();

/** A file with a password, where the world's snapshots don't look. */
function passwordFile(password: string): string {
  const file = path.join(process.env.HOME ?? '', 'password');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return file;
}

describe('a password', () => {
  test.each([
    ['quotes and signs', `it's "a" @ b%20:c/d?e#f&g=h;i\\j\\\\k$(l)\`m\`!`],
    ['spaces at both ends', '  two words  '],
    ['a hash first', '#1'],
  ])('of %s works by uri, env and client', async (_, password) => {
    await createPxc(['--nodes', '1', '--password-file', passwordFile(password)]);
    expect(await value(await uriOf('pxc'), 'SELECT CURRENT_USER()')).toBe('dbns@%');
    expect((await dbns(['uri', '--format', 'json'])).json).toMatchObject({ password });
    const { stdout: env } = await dbns(['uri', '--format', 'env']);
    const { stdout: seen } = await run(['bash', '-c', `${env}\nprintf %s "$DBNS_PASSWORD"`]);
    expect(seen).toBe(password);
    const { stdout } = await dbns(['client', 'pxc', '--', '-N', '-e', 'SELECT CURRENT_USER()']);
    expect(stdout).toBe('dbns@%\n');
    const { json } = await dbns(['status', '--json']);
    expect(JSON.stringify([json, commandLines()])).not.toContain(JSON.stringify(password).slice(1, -1));
    expect(readFileSync(nodeOf(await statusOf('pxc'), 'node1').log, 'utf8')).not.toContain(password);
  });
});

describe('uri', () => {
  test('goes by address, of the first node or the one named, in three forms', async () => {
    const cluster = await createPxc(['--nodes', '2', '--password-file', passwordFile('secret')]);
    const scheme = nodeOf(cluster, 'node1').server.startsWith('mariadb') ? 'mariadb' : 'mysql';
    expect(await uriOf('pxc')).toBe(`${scheme}://dbns:secret@10.200.0.2:3306/`);
    expect((await dbns(['uri'])).stdout).toBe(`${scheme}://dbns:secret@10.200.0.2:3306/\n`);
    expect(await uriOf('pxc', 'node2')).toBe(`${scheme}://dbns:secret@10.200.0.3:3306/`);
    const { stdout } = await dbns(['uri', 'pxc', 'node2', '--format', 'env']);
    const script = `${stdout}\necho "$DBNS_HOST $DBNS_PORT $DBNS_USER $DBNS_PASSWORD $DBNS_URI $MYSQL_HOST $MYSQL_PWD"`;
    expect((await run(['bash', '-c', script])).stdout).toBe(
      `10.200.0.3 3306 dbns secret ${scheme}://dbns:secret@10.200.0.3:3306/ 10.200.0.3 secret\n`,
    );
    for (const words of [
      ['uri', 'pxc', '--format', 'json'],
      ['uri', 'pxc', '--json'],
    ])
      expect((await dbns(words)).json).toMatchObject({
        host: '10.200.0.2',
        port: 3306,
        user: 'dbns',
        password: 'secret',
      });
    expect((await dbns(['uri', 'pxc', 'node9'], { expectExit: 4 })).stderr).toContain('node1, node2');
  });
});

/** What nodes wrote, by their names: who is first is not said. */
const lines = (text: string) => text.trim().split('\n').sort();

describe('client', () => {
  test('takes statements, stdin and files, and passes the exit code on', async () => {
    await createPxc(['--nodes', '2']);
    const client = (words: string[], options = {}) => dbns(['client', 'pxc', ...words], options);
    expect(await client(['--', '-N', '-e', 'SELECT 6 * 7'])).toMatchObject({ stdout: '42\n', stderr: '' });
    expect((await client(['node2', '--', '-N', '-e', 'SELECT @@server_id, @@hostname'])).stdout).toBe('2\tnode2\n');
    const input =
      'CREATE DATABASE piped;\nUSE piped;\nCREATE TABLE t (a INT PRIMARY KEY);\nINSERT INTO t VALUES (1), (2);\n';
    await client(['node1'], { input });
    expect((await client(['node2', '--', '-N', '-e', 'SELECT SUM(a) FROM piped.t'])).stdout).toBe('3\n');
    const { stderr } = await client(['--', '-e', 'SELECT nothing'], { expectExit: 1 });
    expect(stderr).toContain("Unknown column 'nothing'");
    expect((await dbns(['client', 'nowhere'], { expectExit: 4 })).stderr).toContain('There are: pxc');
    const each = await client(['--all', '-e', 'SELECT @@server_id AS id', '--', '-N']);
    expect(lines(each.stdout)).toEqual(['node1 | 1', 'node2 | 2']);
    expect((await client(['-e', 'SELECT 6 * 7', '--', '-N'])).stdout).toBe('42\n');
    expect((await client(['node2', '-e', 'SELECT @@server_id', '--', '-N'])).stdout).toBe('2\n');
    const odd = 'SELECT 1; SELECT (SELECT a FROM piped.t WHERE @@server_id = 2)';
    const worst = await client(['node1', 'node2', '-e', odd, '--', '-N'], { expectExit: 1 });
    expect(lines(worst.stdout)).toEqual(['node1 | 1', 'node1 | NULL', 'node2 | 1']);
    expect(worst.stderr).toMatch(/^node2 \| ERROR 1242/);
    await client(['--role', 'primary', '-e', 'SELECT 1'], { expectExit: 4 });
    expect((await client(['--all'], { expectExit: 2 })).stderr).toContain("-e 'SELECT 1'");
  });

  test('sees the working directory', async () => {
    await createPxc(['--nodes', '1']);
    const directory = '/tmp/work here';
    mkdirSync(directory);
    writeFileSync(`${directory}/dump.sql`, 'SELECT 5;\n');
    const here = async (line: string) => (await userTypes(`cd "${directory}" && ${line}`)).stdout;
    expect(await here('dbns client pxc -- -N -e "source dump.sql"')).toBe('5\n');
    // What the image has, as the client is connected, in the same place; the password is in no argv.
    await here('dbns client pxc -e "CREATE DATABASE shop; CREATE TABLE shop.t (a INT PRIMARY KEY)"');
    expect(await here('dbns tool pxc -- mysqldump shop > shop.sql; tail -1 shop.sql')).toMatch(/^-- Dump completed/);
    expect(await here('cat shop.sql')).toContain('CREATE TABLE `t`');
    expect(await here('dbns tool pxc node1 -- mysqladmin ping')).toContain('alive');
    expect(await here('dbns tool pxc node1 -- sh -c \'mysql -Ne "SELECT CURRENT_USER()"; pwd\'')).toBe(
      `dbns@%\n${directory}\n`,
    );
    expect(
      await here(
        'head -c 300000 /dev/urandom > bytes; dbns tool pxc node1 -- cat < bytes | cmp - bytes && echo the same',
      ),
    ).toBe('the same\n');
    const tool = (words: string[], expectExit: number) =>
      dbns(['tool', 'pxc', 'node1', '--', ...words], { expectExit });
    await tool(['sh', '-c', 'exit 7'], 7);
    expect((await tool(['no-such-program'], 127)).stderr).toContain("has no program 'no-such-program'");
    expect((await dbns(['tool', 'pxc'], { expectExit: 2 })).stderr).toContain('Which program?');
    const sleeper = startDbns(['tool', 'pxc', 'node1', '--', 'sleep', '4322'], { expectExit: 143 });
    await expect.poll(() => commandLines()).toContain('sleep 4322');
    sleeper.child.kill('SIGTERM');
    await sleeper.result;
    expect(commandLines()).not.toContain('sleep 4322');
    expect(
      await here(`echo 'hostname; pwd; mysql -Ne "SELECT @@hostname"; exit 3' | dbns shell pxc node1; echo $?`),
    ).toBe(`node1\n${directory}\nnode1\n3\n`);
    await dbns(['shell', 'pxc', 'node9'], { expectExit: 4 });
    await run(['rm', '-r', directory]);
  });
});

describe('exec', () => {
  test('passes streams and the exit code, in the network of the node', async () => {
    await createPxc(['--nodes', '2']);
    const exec = (words: string[], options = {}) => dbns(['exec', 'pxc', 'node2', '--', ...words], options);
    expect(await exec(['cat'], { input: 'through\n' })).toMatchObject({ stdout: 'through\n', stderr: '' });
    expect(await exec(['sh', '-c', 'echo out; echo err >&2; exit 7'], { expectExit: 7 })).toMatchObject({
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect((await exec(['ip', '-4', '-o', 'addr', 'show', 'eth0'])).stdout).toContain('10.200.0.3/24');
    expect((await exec(['echo', '--json', '-n', '--help', '*'])).stdout).toBe('--json -n --help *\n');
    expect((await inNode('pxc', 'node2', ['true'])).exitCode).toBe(0);
    expect((await exec(['no-such-program'], { expectExit: 'any' })).stderr).toContain('no-such-program');
    await dbns(['exec', 'pxc', 'node2'], { expectExit: 2 });
    await dbns(['exec', 'pxc', '--', 'true'], { expectExit: 2 });
    const own =
      'ip -4 -o addr show eth0 | grep -o "10.200.0.[0-9]*/"; echo err >&2; cat; exit $(hostname -I | tail -c 3)';
    for (const chosen of [['--all'], ['--role', 'member'], ['node2', 'node1']]) {
      const each = await dbns(['exec', 'pxc', ...chosen, '--', 'sh', '-c', own], { input: 'x\n', expectExit: 3 });
      expect(lines(each.stdout)).toEqual(['node1 | 10.200.0.2/', 'node2 | 10.200.0.3/']);
      expect(lines(each.stderr)).toEqual(['node1 | err', 'node2 | err']);
    }
    await dbns(['exec', 'pxc', 'node1', '--all', '--', 'true'], { expectExit: 2 });
    await dbns(['exec', 'pxc', '--group', 'shard1', '--', 'true'], { expectExit: 4 });
    await dbns(['exec', 'pxc', 'node9', '--', 'true'], { expectExit: 4 });
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 129],
  ] as const)('passes %s on, and ends as its program did', async (signal, exitCode) => {
    await createPxc(['--nodes', '1']);
    const { child, result } = startDbns(['exec', 'pxc', 'node1', '--', 'sleep', '4321'], { expectExit: exitCode });
    await expect.poll(() => commandLines()).toContain('sleep 4321');
    child.kill(signal);
    await result;
    expect(commandLines()).not.toContain('sleep 4321');
    // Not bash: it loses a SIGINT that comes between two commands.
    const program = `process.on('${signal}', () => process.exit(9)); console.log('ready'); setInterval(() => {}, 1000)`;
    const trap = startDbns(['exec', 'pxc', 'node1', '--', process.execPath, '-e', program], { expectExit: 9 });
    await new Promise((resolve) => trap.child.stdout?.once('data', resolve));
    trap.child.kill(signal);
    await trap.result;
  });
});

/** What `logs --json` prints. */
async function jsonLines(words: readonly string[]) {
  const { stdout } = await dbns([...words, '--json']);
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { readonly node: string; readonly at: string | null; readonly line: string });
}

/** The time so many ms from now as MySQL's log has it, which MariaDB's is read as well. */
const utc = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();

describe('logs', () => {
  test('come of one node or of all, whole or the last lines, and follow until Ctrl-C', async () => {
    const { nodes } = await createPxc(['--nodes', '2']);
    const [first, second] = nodes.map(({ log }) => log);
    const { stdout } = await dbns(['logs', 'pxc', 'node1']);
    expect(stdout).toContain('ready for connections');
    expect(stdout).toBe(readFileSync(first ?? '', 'utf8'));
    const all = (await dbns(['logs', 'pxc', '--lines', '2'])).stdout.trim().split('\n');
    expect(all.map((line) => line.split(' | ')[0]).sort()).toEqual(['node1', 'node1', 'node2', 'node2']);
    const merged = await jsonLines(['logs', 'pxc']);
    const times = merged.flatMap(({ at }) => at ?? []);
    expect(times).toEqual([...times].sort());
    for (const [index, name] of ['node1', 'node2'].entries()) {
      const own = merged.filter(({ node }) => node === name).map(({ line }) => `${line}\n`);
      expect(own.length).toBeGreaterThan(10);
      // It may have gone on since.
      expect(readFileSync(nodes[index]?.log ?? '', 'utf8').slice(0, own.join('').length)).toBe(own.join(''));
    }
    const found = await jsonLines(['logs', 'pxc', '--grep', 'ready for connections', '--since', '1h']);
    expect(new Set(found.map(({ node }) => node))).toEqual(new Set(['node1', 'node2']));
    appendFileSync(first ?? '', `${utc(-60_000)} 0 [Note] said last\n`);
    appendFileSync(second ?? '', `${utc(-120_000)} 0 [Note] said first\n`);
    const said = await jsonLines(['logs', 'pxc', '--grep', 'said (first|last)']);
    expect(said.map(({ node }) => node)).toEqual(['node2', 'node1']);
    appendFileSync(second ?? '', `${utc(-7_200_000)} 0 [Note] two hours old\nand more of it\n`);
    expect((await dbns(['logs', 'pxc', '--since', '1h', '--grep', 'two hours|more of it'])).stdout).toBe('');
    const old = await dbns(['logs', 'pxc', '--since', '3h', '--grep', 'two hours|more of it'], {
      env: { NO_COLOR: undefined, FORCE_COLOR: '1' },
    });
    expect(old.stdout.split('\n').map((line) => line.replace(/\S+Z /, ''))).toEqual([
      '\u001B[36mnode2 |\u001B[39m 0 [Note] two hours old',
      '\u001B[36mnode2 |\u001B[39m and more of it',
      '',
    ]);
    expect((await dbns(['logs', 'pxc', '--grep', '('], { expectExit: 2 })).stderr).toContain('regular expression');
    const { child, result } = startDbns(['logs', 'pxc', '-f', '-n', '0'], { expectExit: 'any' });
    let followed = '';
    child.stdout?.on('data', (text: string) => (followed += text));
    await expect.poll(() => commandLines().filter((line) => line.startsWith('tail '))).toHaveLength(2);
    await expect
      .poll(() => {
        appendFileSync(first ?? '', 'written to one\n');
        appendFileSync(second ?? '', 'written to two\n');
        return followed;
      })
      .toMatch(/^(?=[^]*^node1 \| written to one$)(?=[^]*^node2 \| written to two$)/m);
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await result;
    expect(commandLines().filter((line) => line.startsWith('tail '))).toEqual([]);
  });
});
