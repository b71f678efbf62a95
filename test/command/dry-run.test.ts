import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dbns, isReadable, unprivilegedDbns } from './run.js';

/** One that is not on this machine, so that nothing depends on what is; the last when all are. */
const IMAGES = ['mariadb:11.8', 'mariadb:10.11'];
const isPulled = (ref: string) => existsSync(`/var/lib/dbns/images/${ref.replace(':', '/')}/image.json`);
const image = IMAGES.find((ref) => !isPulled(ref)) ?? 'mariadb:10.11';
const words = [
  'pxc',
  'create',
  'dry-run-test',
  '--dry-run',
  '--nodes',
  '4',
  '--internal',
  '--subnet',
  '10.213.77.0/24',
  '--image',
  image,
];

interface DryRun {
  readonly cluster: { readonly networks: readonly { readonly bridge: string }[] };
  readonly notes: readonly string[];
  readonly steps: readonly {
    readonly step: string;
    readonly acts: readonly { readonly argv?: readonly string[]; readonly input?: string }[];
  }[];
}

/** The argv of every step, without what hangs on the machine, the image and the random id. */
function recordedArgv({ cluster, steps }: DryRun): string {
  const id = cluster.networks[0]?.bridge.slice(4) ?? '';
  const start = steps.findIndex(({ step }) => step === 'make the directories of the sockets');
  return steps
    .slice(start)
    .filter(({ step }) => !step.startsWith('let the cluster pass'))
    .flatMap(({ step, acts }) => [
      `# ${step}`,
      ...acts.flatMap(({ argv, input }) =>
        argv === undefined ? [] : [lineOf(argv), ...(input === undefined ? [] : [input])],
      ),
    ])
    .join('\n')
    .replaceAll(new RegExp(`02:db:${id.match(/../g)?.join(':') ?? ''}[0-9a-f:]*`, 'g'), '<mac of the bridge>')
    .replaceAll(String(0x5db00000 + Number.parseInt(id, 16)), '<group>')
    .replaceAll(new RegExp(`\\b${id}[0-9a-f]{3}\\b`, 'g'), '<id>')
    .replaceAll(`dbns${id}`, '<bridge>')
    .replaceAll(/pristine\/[0-9a-f]{16}/g, 'pristine/<key>');
}

function lineOf(argv: readonly string[]): string {
  return argv.join(' ').replace(/(?<=bwrap ).*?(?=--dev )/, '<tree> ');
}

describe('--dry-run of 4 nodes', () => {
  test('prints the argv of every step', async () => {
    const { exitCode, stdout, stderr } = await dbns(...words, '--json');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    await expect(recordedArgv(JSON.parse(stdout) as DryRun)).toMatchFileSnapshot('./__snapshots__/dry-run-4-nodes.txt');
  });

  test('as text: what, then each act under its step', async () => {
    const { exitCode, stdout, stderr } = await dbns(...words);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^dry-run-test: 4 nodes, 10\.213\.77\.0\/24\. Nothing was touched\.\n/);
    expect(stdout).toMatch(/\n# start node4\nwrite [^]*\nip netns exec dbns-dry-run-test-node4 sh -c .* bwrap /);
    expect(stdout).toContain('\n# make nft table dbns-dry-run-test\nnft -f -\n');
  });

  test('touches nothing', async () => {
    await dbns(...words);
    const places = [
      '/run/netns/dbns-dry-run-test-node1',
      '/etc/netns/dbns-dry-run-test-node1',
      '/run/dbns/dry-run-test',
    ];
    expect([...places, '/var/lib/dbns/clusters/dry-run-test'].filter((place) => existsSync(place))).toEqual([]);
  });
});

test('--dry-run names what the cluster begins with', async () => {
  const file = import.meta.filename;
  const { exitCode, stdout } = await dbns(...words, '--sample', '--init', file);
  expect(exitCode).toBe(0);
  const [, sample, load] = /(# fill the sample)\nask a node that takes writes: [^]*(# load .*)\n/.exec(stdout) ?? [];
  expect([sample, load]).toEqual(['# fill the sample', `# load ${file}`]);
});

test('--dry-run of replication says each statement, and no password', async () => {
  const flags = ['--nodes', '2', '--delay', 'node2=60s', '--subnet', '10.213.78.0/24', '--image', image];
  const { exitCode, stdout } = await dbns('replication', 'create', 'dry-run-test', '--dry-run', ...flags);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(
    "# let node2 replicate from node1\nask node2 over its socket: CHANGE MASTER '' TO MASTER_HOST = ?,",
  );
  expect(stdout).toContain('MASTER_PASSWORD = ?, MASTER_DELAY = ?');
  expect(stdout).toContain("'repl'@'10.213.78.0/255.255.255.0'");
  expect(stdout).toContain('read_only                       = ON');
});

describe.runIf(isReadable())('without root', () => {
  test('a dry run works, and plans the same', async () => {
    const { exitCode, stdout } = unprivilegedDbns(...words, '--json');
    expect(exitCode).toBe(0);
    const plan = JSON.parse(stdout) as DryRun;
    expect(plan.notes).toContain('Without root, chains of other firewalls could not be looked at.');
    await expect(recordedArgv(plan)).toMatchFileSnapshot('./__snapshots__/dry-run-4-nodes.txt');
  });

  test('list works', () => {
    const { exitCode, stdout } = unprivilegedDbns('list', '--json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toHaveProperty('clusters');
  });

  test.each([
    ['pxc create', ['pxc', 'create', 'root-test']],
    ['replication create', ['replication', 'create', 'root-test']],
    ['promote replication node2', ['promote', 'replication', 'node2']],
    ['destroy', ['destroy']],
    ['status', ['status']],
    ['uri', ['uri']],
    ['logs', ['logs']],
    ['events', ['events']],
    ['client', ['client']],
  ])('%s: exit 3, and the sentence to type', (command, argv) => {
    const { exitCode, stdout, stderr } = unprivilegedDbns(...argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(`Error: 'dbns ${command}' needs root.\n  → sudo env "PATH=$PATH" dbns ${command}\n`);
  });

  test('the same in JSON', () => {
    const { exitCode, stdout } = unprivilegedDbns('pxc', 'create', 'root-test', '--json');
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'DBNS_MACHINE',
        message: "'dbns pxc create' needs root.",
        suggestions: ['sudo env "PATH=$PATH" dbns pxc create'],
      },
    });
  });

  test('a bad flag is told before root is asked for', () => {
    expect(unprivilegedDbns('pxc', 'create', '--nodes', '0').exitCode).toBe(2);
  });
});
