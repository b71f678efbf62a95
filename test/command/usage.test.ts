import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { dbns, isRoot } from './run.js';

/** Nothing here may make a cluster, be the flag taken or not. */
const create = ['pxc', 'create', '--dry-run'];
const stand = ['standby', 'start', 'pxc'];
const within = [...create, '--subnet', '10.50.0.0/24'];
const directory = mkdtempSync(path.join(os.tmpdir(), 'dbns-usage-'));
const passwords = path.join(directory, 'two-lines');
writeFileSync(passwords, 'one\ntwo\n');
afterAll(() => {
  rmSync(directory, { recursive: true });
});

interface Case {
  readonly argv: readonly string[];
  readonly exitCode: number;
  readonly code: string;
  readonly message: string | RegExp;
}

const usage = (argv: readonly string[], message: string | RegExp): Case => ({
  argv,
  exitCode: 2,
  code: 'DBNS_USAGE',
  message,
});

const BAD_FLAGS: readonly Case[] = [
  usage([...create, '--nodes', '0'], '--nodes 0: a pxc cluster has 1 to 64 nodes.'),
  usage([...create, '--nodes', '65'], '--nodes 65: a pxc cluster has 1 to 64 nodes.'),
  usage([...create, '--nodes', '-1'], '--nodes -1: a pxc cluster has 1 to 64 nodes.'),
  usage([...create, '--nodes', 'abc'], '--nodes: Expected an integer but received: abc'),
  usage([...create, '--nodes', '1.5'], '--nodes: Expected an integer but received: 1.5'),
  usage([...create, '--timeout', 'soon'], "'soon' is not a duration: write it like 30s or 5m."),
  usage([...create, '--subnet', '10.0.0.1/33'], "'10.0.0.1/33' is not an IPv4 subnet: write it like 10.50.0.0/24."),
  usage([...create, '--subnet', '10.50.0.1/24'], /is an address inside a subnet: the subnet is 10\.50\.0\.0\/24\.$/),
  usage([...create, '--subnet', '8.8.8.0/24'], /is not a private network/),
  usage([...create, '--subnet', '10.50.0.0/30'], /has room for 1 nodes besides its gateway; 3 are wanted\.$/),
  usage([...create, '--pool', '10.0.0.0/25'], "'10.0.0.0/25' is too small for a pool: clusters get a /24 of it each."),
  usage(['rebuild', 'east', 'node1', '--timeout', 'soon'], "'soon' is not a duration: write it like 30s or 5m."),
  usage(['set', 'east', 'a=1', '--timeout', 'soon'], "'soon' is not a duration: write it like 30s or 5m."),
  usage(['options', 'east', '--timeout', 'soon'], "'soon' is not a duration: write it like 30s or 5m."),
  usage(['upgrade', 'east'], 'To which server? Say its image: --image mariadb:11.8'),
  usage(['reset', 'east', '--timeout', 'soon'], "'soon' is not a duration: write it like 30s or 5m."),
  usage(['reset', 'east', 'node1'], 'Unexpected argument: node1'),
  usage(
    [...stand, '--subnet', '10.9.0.0/24'],
    /^A standby has no --subnet of its own, and a create with one takes none/,
  ),
  usage([...stand, '--password-file', passwords], /^The password must be one line/),
  usage([...stand, '--init', 'a.sql'], /^A standby has no --init of its own/),
  usage([...stand, '--sample'], /^A standby has no --sample of its own/),
  usage([...stand, '--lease', '1m'], '--lease begins when somebody takes it: give it to create.'),
  usage([...stand, '--dry-run'], /^--dry-run is for create/),
  usage([...stand, '--ready', '0'], '--ready: 1 to 16, not 0.'),
  usage([...stand, '--ready', '17'], '--ready: 1 to 16, not 17.'),
  usage([...stand, '--nodes', '65'], '--nodes 65: a pxc cluster has 1 to 64 nodes.'),
  usage(['logs', '--grep', '['], /^'\[' is not a regular expression: /),
  usage(['logs', '--since', 'noon'], "'noon' is not a duration: write it like 30s or 5m."),
  usage(['doctor', '--pool', '8.8.0.0/16'], /is not a private network/),
  usage([...create, '--ip', 'node1=10.50.0.10'], 'An address is chosen inside a subnet: say which.'),
  usage([...within, '--ip', '10.50.0.10'], '--ip 10.50.0.10: write it like node3=VALUE.'),
  usage([...within, '--ip', 'node4=10.50.0.10'], 'There is no node4: the nodes are node1 to node3.'),
  usage(
    [...within, '--ip', 'node1=10.51.0.1'],
    /^10\.51\.0\.1, chosen for node1, is outside the network 10\.50\.0\.0\/24\.$/,
  ),
  usage([...within, '--ip', 'node1=10.50.0.1'], /it is the gateway\.$/),
  usage([...within, '--ip', 'node1=10.50.0.9', '--ip', 'node2=10.50.0.9'], /^10\.50\.0\.9 is chosen twice/),
  usage([...within, '--ip', 'node1=10.50.0.9', '--ip', 'node1=10.50.0.8'], '--ip: two addresses are given for node1.'),
  usage([...create, '--zones', '1'], '--zones 1: a network has 2 to 4 zones, or is not divided.'),
  usage([...create, '--zones', '5'], '--zones 5: a network has 2 to 4 zones, or is not divided.'),
  usage([...create, '--zone', 'node1=a'], 'A node is put in a zone where there are zones: say how many.'),
  usage([...create, '--zones', '2', '--zone', 'node1=c'], "'c', chosen for node1, is no zone: they are a, b."),
  usage([...create, '--zones', '2', '--zone', 'a'], '--zone a: write it like node3=VALUE.'),
  usage([...create, '--zones', '2', '--zone', 'node9=a'], 'There is no node9: the nodes are node1 to node3.'),
  usage([...within, '--zones', '2', '--ip', 'node1=10.50.0.129'], /it is the gateway of the zone b\.$/),
  usage([...within, '--zones', '2', '--zone', 'node1=a', '--ip', 'node1=10.50.0.200'], /is outside its zone a/),
  usage([...create, '--layout', 'mesh'], /Expected --layout=mesh to be one of: bridge, routed/),
  usage([...create, '--bridge-to', 'br0'], /Say which addresses of the LAN the nodes are to have/),
  usage([...create, '--bridge-to', 'br0', '--ip', '10.0.0.9-10.0.0.1'], /the first address is behind the last/),
  usage([...create, '--bridge-to', 'br0', '--ip', '10.0.0.1-10.0.0.9', '--internal'], /--internal and --bridge-to/),
  usage([...create, '--ip', '10.0.0.1-10.0.0.9'], /a range is of a LAN/),
  usage([...create, '--ip', 'dhcp'], /--ip dhcp: it goes with --bridge-to/),
  usage([...create, '--bridge-to', 'br0', '--ip', 'dhcp', '--ip', 'node1=10.0.0.1'], /all nodes .* or none/),
  usage([...create, '--bridge-to', 'br0', '--ip', 'dhcp', '--dry-run'], /--dry-run and --ip dhcp/),
  usage([...create, '--gateway', '10.0.0.1'], /it goes with --bridge-to/),
  usage([...create, 'a/b'], /^'a\/b' can't be a cluster's name: use 1 to 32 of a-z/),
  usage([...create, 'x'.repeat(80)], /^'x{40}…' can't be a cluster's name/),
  usage([...create, 'East'], /^'East' can't be a cluster's name/),
  usage([...create, 'a', 'b'], 'Unexpected argument: b'),
  usage([...create, '--no-such'], 'Nonexistent flag: --no-such'),
  usage([...create, '--nodes'], 'Flag --nodes expects a value'),
  usage([...create, '--memory', '1M'], '--memory 1M is too little for a node: the least is 128M.'),
  usage([...create, '--memory', 'much'], "'much' is not a size: write it like 64M or 1G."),
  usage([...create, '-c', 'datadir=/x'], "'datadir' is set by dbns itself and can't be given."),
  usage([...create, '-c', '=1'], /can't be an option of the server: write key=value\.$/),
  usage([...create, '--password-file', '/no/such/file'], 'There is no password file /no/such/file.'),
  usage([...create, '--password-file', passwords], /^The password must be one line/),
  usage([...create, '--image', 'mariadb'], /^'mariadb' is not an image: write NAME:VERSION/),
  usage([...create, '--image', 'docker://host/x:1'], /is where an image can be pulled from, and not its name here\.$/),
  usage(
    ['image', 'pull', 'docker://host/X:1'],
    /^'docker:\/\/host\/X:1' is not the reference of an image: write docker:/,
  ),
  usage(
    ['image', 'pull', 'docker://host/1x:1'],
    /^No name for an image can be made of .*: say one, --as NAME:VERSION\.$/,
  ),
  usage(['image', 'pull', 'docker://host/x:1', '--as', 'x'], /^'x' can't be the name of an image/),
  usage(['image', 'pull', 'mariadb:10.11', '--as', 'x:1'], /mariadb:10\.11 is a name already\.$/),
  usage(
    ['image', 'pull', 'mariadb:10.11', '--tls-verify', 'no'],
    /^Expected --tls-verify=no to be one of: true, false$/,
  ),
  usage(['uri', '--role', 'boss'], /^Expected --role=boss to be one of: primary, replica, any$/),
  usage(['uri', '--format', 'xml'], /^Expected --format=xml to be one of: uri, env, json, jdbc, dsn, mycnf, hosts$/),
  usage(['network', '--graph', 'svg'], /^Expected --graph=svg to be one of: mermaid, dot$/),
  usage(['expose', 'a'], 'Name a node, or --role primary: one of both.'),
  usage(['expose', 'a', 'node1', '--role', 'primary'], 'Name a node, or --role primary: one of both.'),
  usage(['unexpose', 'a'], 'Which? Name a node, --host-port, or --all.'),
  usage(['link', 'a', 'b', '--to', 'node1,,'], "--to 'node1,,': write names with a comma between: node1,node2."),
  usage(
    ['attach', 'a', 'app'],
    /^What is to be attached\? Say one: --pid, --netns, --container, or a command after --\.$/,
  ),
  usage(['attach', 'a', 'app', '--pid', '1', '--netns', 'b'], /^What is to be attached\? Say one/),
  usage(['attach', 'a', 'app', '--pid', 'one'], '--pid one: write the number of a process.'),
  usage(['destroy', 'a', '--all'], 'Either a name or --all.'),
  usage([...create, '--init', '/no/such.sql'], 'There is no file /no/such.sql.'),
  usage(['load', 'a'], 'What is to be loaded? Name files, or - for stdin.'),
  usage(['load', 'a', 'x.sql', '--timeout', 'soon'], "'soon' is not a duration: write it like 30s or 5m."),
  {
    argv: [...create, '--image', 'mariadb:1.0'],
    exitCode: 4,
    code: 'DBNS_NOT_FOUND',
    message: /^There is no image mariadb:1\.0\. Known are mariadb:10\.11, mariadb:11\.8/,
  },
  {
    argv: [...create, '--image', 'dir:/no/such'],
    exitCode: 4,
    code: 'DBNS_NOT_FOUND',
    message: /^The image dir:\/no\/such is not there/,
  },
];

const named = BAD_FLAGS.map((entry) => [entry.argv.join(' ').slice(0, 60), entry] as const);

describe('a word used wrong', () => {
  test.each(named)('%s', async (_, { argv, exitCode, message }) => {
    const result = await dbns(...argv);
    expect(result.exitCode).toBe(exitCode);
    expect(result.stdout).toBe('');
    const [sentence = '', ...suggestions] = result.stderr.trimEnd().split('\n');
    expect(sentence.replace(/^Error: /, '')).toMatch(message);
    for (const line of suggestions) expect(line).toMatch(/^ {2}→ /);
  });

  test.each(named)('the same in JSON: %s', async (_, { argv, exitCode, code, message }) => {
    const result = await dbns(...argv, '--json');
    expect(result.exitCode).toBe(exitCode);
    expect(result.stderr).toBe('');
    const { error } = JSON.parse(result.stdout) as { error: { code: string; message: string; suggestions: string[] } };
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.suggestions).toBeInstanceOf(Array);
  });
});

test('a dump on stdout is no JSON', async () => {
  const { exitCode, stdout } = await dbns('dump', 'a', '--json');
  expect(exitCode).toBe(2);
  expect(stdout).toContain('say -o FILE');
});

test('a drawing is no JSON', async () => {
  const { exitCode, stdout } = await dbns('network', '--graph', 'dot', '--json');
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ error: { message: 'Either --json or --graph.' } });
});

test.each([
  [['exec', 'a'], 'Where should it run? dbns exec CLUSTER NODE -- COMMAND …'],
  [['client', 'a', '--all'], "Many nodes take statements: say which, -e 'SELECT 1'."],
  [['client', 'a', '--role', 'member'], '--role member: one node is looked for by primary, replica, any.'],
  [['client', 'a', '--all', '--admin', '-e', 'x'], '--admin is the admin interface of one proxy: name it alone.'],
] as const)('where there is no --json: %j', async (argv, message) => {
  const result = await dbns(...argv);
  expect(result).toMatchObject({ exitCode: 2, stdout: '' });
  expect(result.stderr).toContain(message);
});

describe('an unknown command', () => {
  test.each([
    [['pxc', 'creat'], 'pxc creat', 'pxc create'],
    [['statsu'], 'statsu', 'status'],
    [['destory', 'pxc'], 'destory', 'destroy'],
  ])('%s', async (argv, word, nearest) => {
    const result = await dbns(...argv);
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toContain(`Error: dbns has no command '${word}`);
    expect(result.stderr).toContain(`  → Did you mean 'dbns ${nearest}'?\n`);
  });

  test('in JSON', async () => {
    const result = await dbns('pxc', 'creat', '--json');
    expect(result).toMatchObject({ exitCode: 2, stderr: '' });
    expect(JSON.parse(result.stdout)).toEqual({
      error: {
        code: 'DBNS_USAGE',
        message: "dbns has no command 'pxc creat'.",
        suggestions: ["Did you mean 'dbns pxc create'?", 'dbns --help'],
      },
    });
  });
});

describe('commands for clusters that are not there', () => {
  const NONE = 'no-such-cluster-of-the-tests';

  test.runIf(isRoot).each([
    ['destroy', [NONE]],
    ['status', [NONE]],
    ['uri', [NONE]],
    ['logs', [NONE]],
    ['events', [NONE]],
    ['events', [NONE, '--follow']],
    ['client', [NONE]],
    ['exec', [NONE, 'node1', '--', 'true']],
  ])('%s: exit 4, and the names that there are', async (command, words) => {
    const result = await dbns(command, ...words);
    expect(result).toMatchObject({ exitCode: 4, stdout: '' });
    expect(result.stderr).toMatch(
      new RegExp(`^Error: There is no cluster '${NONE}'\\. There (is no cluster at all|are: .*)\\.\n`),
    );
  });

  test.runIf(isRoot)('exec without a command: exit 2', async () => {
    const result = await dbns('exec', NONE, 'node1');
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toBe('Error: What should run? dbns exec CLUSTER NODE -- COMMAND …\n');
  });
});

describe('the environment', () => {
  const withEnv = async (name: string, value: string) => {
    vi.stubEnv(name, value);
    try {
      return await dbns(...create);
    } finally {
      vi.unstubAllEnvs();
    }
  };

  test('DBNS_NODES is --nodes', async () => {
    expect((await withEnv('DBNS_NODES', '65')).stderr).toBe('Error: --nodes 65: a pxc cluster has 1 to 64 nodes.\n');
  });

  test('DBNS_IMAGE is --image', async () => {
    expect(await withEnv('DBNS_IMAGE', 'mariadb:1.0')).toMatchObject({ exitCode: 4 });
  });

  test('a flag wins', async () => {
    vi.stubEnv('DBNS_NODES', '65');
    const { stderr } = await dbns(...create, '--nodes', '0').finally(() => vi.unstubAllEnvs());
    expect(stderr).toContain('--nodes 0:');
  });
});
