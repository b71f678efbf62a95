import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Check, Diagnosis } from '../../src/lifecycle/doctor/diagnosis.js';
import { run } from './world/command.js';
import { machineWithout } from './world/places.js';
import { dbns, expectSameMachine, keepMachineClean, snapshot, startDbns } from './world/machine.js';

const PROGRAM = path.resolve(import.meta.dirname, '../../bin/run.js');
/** What a machine may lack and be well. */
const MAY_WARN: readonly string[] = [
  'mmdebstrap',
  'skopeo',
  'umoci',
  'resolver',
  'memory',
  'asynchronous I/O',
  'disk',
  'images',
];

const sh = (script: string) => run(['bash', '-euc', script]);

/** Runs the doctor; `json` is what it said. */
async function doctor(args: readonly string[] = [], expectExit = 0): Promise<Diagnosis> {
  const { stdout, exitCode } = await dbns(['doctor', '--json', ...args], { expectExit: 'any' });
  const diagnosis = JSON.parse(stdout) as Diagnosis;
  const problems = diagnosis.checks.filter(({ state }) => state === 'problem');
  expect({ exitCode, problems: exitCode === expectExit || problems }).toEqual({ exitCode: expectExit, problems: true });
  return diagnosis;
}

async function checksOf(name: string): Promise<readonly Check[]> {
  return (await doctor()).checks.filter((check) => check.name === name);
}

const BRIDGE_FILTER = '/proc/sys/net/bridge/bridge-nf-call-iptables';

/** vitest's own matchers have the type any. */
const containing = (text: string) => expect.stringContaining(text) as string;

const NONE: Check = { name: 'leftovers', state: 'ok', found: 'none', advice: [] };

keepMachineClean();

describe('requirements', () => {
  test('are all there in a fresh world, and looking leaves no trace', async () => {
    const before = await snapshot();
    const { checks, fixed } = await doctor();
    expect(checks.filter(({ state, name }) => state !== 'ok' && !MAY_WARN.includes(name))).toEqual([]);
    expect(checks).toContainEqual(NONE);
    expect(fixed).toEqual([]);
    expectSameMachine(before, await snapshot());
  });

  test('are told as a table, with what to type', async () => {
    await sh('ip route del default');
    const { stdout } = await dbns(['doctor']);
    await sh('ip route add default via 198.51.100.1');
    expect(stdout).toMatch(/^✔ +ip +\/\S+, version \d/m);
    expect(stdout).toMatch(/^! +uplink +no default route: .*\n +→ ip route add default via GATEWAY$/m);
    expect(stdout).toMatch(/warning/);
  });

  test('that are missing make it exit 3', async () => {
    const { stdout } = await dbns(['doctor', '--json'], { expectExit: 3, place: machineWithout('nft', 'mmdebstrap') });
    const { checks } = JSON.parse(stdout) as Diagnosis;
    expect(checks).toContainEqual({
      name: 'nft',
      state: 'problem',
      found: 'not on PATH',
      advice: ['apt-get install nftables'],
    });
    expect(checks.find(({ name }) => name === 'mmdebstrap')?.state).toBe('warning');
    expect(checks.find(({ name }) => name === 'sandbox')?.state).toBe('ok');
  });

  test('are looked at without root as far as that goes', async () => {
    const asUser = ['unshare', '--user', '--map-user', '1000', '--map-group', '1000', process.execPath, PROGRAM];
    const { stdout } = await run([...asUser, 'doctor', '--json'], { expectExit: 3 });
    const { checks } = JSON.parse(stdout) as Diagnosis;
    expect(checks.filter(({ state }) => state === 'problem').map(({ name }) => name)).toEqual(['root']);
    expect(checks.find(({ name }) => name === 'other firewalls')?.found).toMatch(/only root/);
    const { stderr } = await run([...asUser, 'doctor', '--fix'], { expectExit: 3 });
    expect(stderr).toMatch(/needs root[^]*sudo env/);
  });
});

describe('another firewall', () => {
  const filtered = existsSync(BRIDGE_FILTER) ? readFileSync(BRIDGE_FILTER, 'utf8').trim() : '';
  const setBridgeFilter = async (value: string) => {
    if (existsSync(BRIDGE_FILTER)) await sh(`echo ${value} > ${BRIDGE_FILTER}`);
  };
  afterEach(async () => {
    await sh('nft flush ruleset');
    await setBridgeFilter(filtered);
  });
  const docker = (chains: string) =>
    `nft -f - <<< 'table ip filter { ${chains} chain FORWARD { type filter hook forward priority 0; policy drop; }; }'`;

  test('that drops is told, until somebody types what the doctor says', async () => {
    await setBridgeFilter('0');
    await sh(docker(''));
    const [told, ...others] = await checksOf('forward chains');
    expect(others).toEqual([]);
    expect(told).toMatchObject({ state: 'warning', found: containing('FORWARD of ip filter drops') });
    await sh(told?.advice[0] ?? '');
    expect(await checksOf('forward chains')).toMatchObject([{ state: 'ok' }]);
  });

  test.runIf(existsSync(BRIDGE_FILTER))('that sees packets from node to node must not drop them', async () => {
    await setBridgeFilter('1');
    await sh(docker(''));
    const { checks } = await doctor([], 3);
    const told = checks.find(({ name }) => name === 'bridge filter');
    expect(told).toMatchObject({ state: 'problem', found: containing('FORWARD of ip filter') });
    await sh(told?.advice[0] ?? '');
    expect(await checksOf('bridge filter')).toMatchObject([{ state: 'ok' }]);
  });

  test('with a chain for users is no hindrance', async () => {
    await sh(docker('chain DOCKER-USER { };'));
    expect(await checksOf('forward chains')).toMatchObject([{ state: 'ok', found: containing('create') }]);
  });
});

test('a route over the pool is named', async () => {
  await sh('ip route add blackhole 10.200.0.0/17');
  expect(await checksOf('subnets')).toMatchObject([{ state: 'ok', found: containing('128 of 256') }]);
  await sh('ip route del blackhole 10.200.0.0/17');
});

test('the room for asynchronous I/O is told, by what the kernel counts', async () => {
  const [check] = await checksOf('asynchronous I/O');
  const most = readFileSync('/proc/sys/fs/aio-max-nr', 'utf8').trim();
  expect(check?.found).toMatch(new RegExp(`^\\d+ of ${most} requests taken .* room for \\d+ more nodes of MySQL`));
});

test('a VPN that takes the whole pool is named, and what is told instead is free', async () => {
  await sh('ip link add tun0 type bridge; ip link set tun0 up; ip route add 10.0.0.0/8 dev tun0');
  const { checks } = await doctor([], 3);
  const create = ['pxc', 'create', '--dry-run', '--json'];
  const { json } = await dbns(create, { expectExit: 5 });
  const { error } = json as { error: { message: string; suggestions: readonly string[] } };
  const words = /^--subnet (\S+), which is free$/.exec(error.suggestions[0] ?? '');
  await dbns([...create, '--subnet', words?.[1] ?? '']);
  await sh('ip link del tun0');
  expect(error.message).toBe('No network (/24) of 10.200.0.0/16 is free. In the way: the route 10.0.0.0/8 dev tun0.');
  expect(checks.find(({ name }) => name === 'subnets')).toMatchObject({
    state: 'problem',
    found: containing('0 of 256 networks (/24) of 10.200.0.0/16 are free; in the way: the route 10.0.0.0/8 dev tun0'),
  });
});

describe('leftovers', () => {
  /** What the tests make by hand goes, also when they fail. */
  afterEach(async () => {
    await sh(`for link in other0 mine0 dbns12345 dbnsdeadb; do ip link delete $link 2>/dev/null || true; done
      if [ -e /run/netns ]; then ip -all netns delete; umount /run/netns; fi
      nft flush ruleset; rm -rf /run/netns /run/dbns /etc/netns /var/lib/dbns/clusters /var/lib/dbns/pristine/.[!.]*`);
  });

  test('with our mark are removed, and nothing else is', async () => {
    const foreign = `ip link add other0 group 5 type bridge
      nft add table inet other; nft add chain inet other forward
      nft add rule inet other forward accept comment '"not of dbns"'`;
    await sh(foreign);
    const before = await snapshot();
    await sh(`mkdir -p /run/dbns/gone/node1 /etc/netns/dbns-gone-node1; ip netns add dbns-gone-node1
      echo dbns:deadbeef > /run/dbns/gone/.dbns; echo '# dbns:deadbeef gone' > /etc/netns/dbns-gone-node1/hosts
      ip link add dbnsdeadb group $((0x5db00000 + 0xdeadb)) type bridge
      ip link set dbnsdeadb alias 'dbns:deadbeef gone'
      ip link add dbnsdeadbn1 group $((0x5db00000 + 0xdeadb)) type veth peer name eth0 netns dbns-gone-node1
      ip link set dbnsdeadbn1 alias 'dbns:deadbeef gone/node1'
      nft -f - <<< 'table inet dbns-gone { comment "dbns:deadbeef"; chain forward { type filter hook forward priority 0; }; }'
      nft add rule inet other forward drop comment '"dbns:deadbeef"'
      ip netns exec dbns-gone-node1 setsid sleep 1000 >/dev/null 2>&1 </dev/null &`);
    const [told, ...others] = await checksOf('leftovers');
    expect(others).toEqual([]);
    expect(told).toMatchObject({ state: 'warning', advice: ['dbns doctor --fix'] });
    for (const part of ['deadbeef', '/run/dbns/gone', 'namespace dbns-gone-node1', 'link dbnsdeadbn1'])
      expect(told?.found).toContain(part);
    const { fixed, checks } = await doctor(['--fix']);
    expect(fixed).toEqual([told?.found]);
    expect(checks).toContainEqual(NONE);
    await sh('rmdir /run/dbns /etc/netns; umount /run/netns; rmdir /run/netns');
    expectSameMachine(before, await snapshot());
  });

  test('without our mark stay, and what to type removes them', async () => {
    await sh(`mkdir -p /run/dbns/mine /etc/netns/dbns-mine; ip netns add dbns-mine; ip netns add other
      echo 'not an id' > /run/dbns/mine/.dbns
      ip link add mine0 group $((0x5db00000 + 7)) type bridge
      ip link add dbns12345 type bridge; ip link set dbns12345 alias 'dbns:12345678 of no group of ours'
      nft add table inet dbns-mine; nft -f - <<< 'table ip dbns-mine { comment "dbns:deadbeef"; };'`);
    const before = await snapshot();
    const told = await checksOf('leftovers');
    expect(told.map(({ found }) => found.replace(/,.*/, '')).sort()).toEqual([
      '/etc/netns/dbns-mine',
      '/run/dbns/mine',
      'link dbns12345',
      'link mine0',
      'namespace dbns-mine',
      'nft table inet dbns-mine',
      'nft table ip dbns-mine',
    ]);
    expect((await doctor(['--fix'])).fixed).toEqual([]);
    expectSameMachine(before, await snapshot());
    for (const { advice } of told) await sh(advice.join('\n'));
    expect(await checksOf('leftovers')).toEqual([NONE]);
    expect(existsSync('/run/netns/other')).toBe(true);
  });

  test('of files are removed: drafts, retired clusters, half-made images', async () => {
    await sh(`mkdir -p /var/lib/dbns/clusters/{.draft-deadbeef,.retired-deadbeef/node1/data} /var/lib/dbns/pristine/.draft-0123
      mkdir -p /var/lib/dbns/images; mount -t tmpfs tmpfs /var/lib/dbns/images
      mkdir -p /var/lib/dbns/images/mariadb/.10.11.partial/root`);
    try {
      const told = (await checksOf('leftovers')).map(({ found }) => found);
      expect(told).toEqual([
        expect.stringMatching(/\.draft-deadbeef, .*\.retired-deadbeef$/),
        expect.stringMatching(/pristine\/\.draft-0123$/),
        expect.stringMatching(/images\/mariadb\/\.10\.11\.partial$/),
      ]);
      expect((await doctor(['--fix'])).fixed).toEqual(told);
      const { stdout } = await sh('find /var/lib/dbns -name ".*"');
      expect(stdout).toBe('');
    } finally {
      await sh('umount /var/lib/dbns/images');
    }
  });

  test('of others at work are none', async () => {
    await sh('mkdir -p /var/lib/dbns/pristine/.draft-0123');
    const { stdout } = await sh(
      `exec 9< /var/lib/dbns/pristine; flock 9; ${process.execPath} ${PROGRAM} doctor --json`,
    );
    expect((JSON.parse(stdout) as Diagnosis).checks).toContainEqual(NONE);
  });

  test('of what clusters shared are put back', async () => {
    const before = await snapshot();
    const shared = [{ resource: { kind: 'sysctl', key: 'net/ipv4/ip_forward', before: '0' }, users: ['deadbeef'] }];
    await sh(`echo 1 > /proc/sys/net/ipv4/ip_forward; echo '${JSON.stringify(shared)}' > /var/lib/dbns/shared.json`);
    const { fixed } = await doctor(['--fix']);
    expect(fixed).toEqual([expect.stringMatching(/ip_forward/)]);
    expect(await checksOf('leftovers')).toEqual([NONE]);
    expectSameMachine(before, await snapshot());
  });

  test('that belong to a broken cluster are left to destroy', async () => {
    await sh(
      'mkdir -p /var/lib/dbns/clusters/odd; echo "{" > /var/lib/dbns/clusters/odd/cluster.json; ip netns add dbns-odd-node1',
    );
    const { checks, fixed } = await doctor(['--fix']);
    expect(fixed).toEqual([]);
    expect(checks).toContainEqual({
      name: 'leftovers',
      state: 'warning',
      found: containing("'odd' is broken: /var/lib/dbns/clusters/odd/cluster.json is cut"),
      advice: ['dbns destroy odd'],
    });
    expect(existsSync('/run/netns/dbns-odd-node1')).toBe(true);
  });
});

describe('clusters', () => {
  const create = ['pxc', 'create', 'east', '--nodes', '2'];

  /** Kills a `create` with SIGKILL as soon as the path is there. */
  async function killCreateAt(place: string): Promise<void> {
    const { child, result } = startDbns(create, { expectExit: 'any' });
    await expect.poll(() => existsSync(place), { interval: 2 }).toBe(true);
    child.kill('SIGKILL');
    await result;
  }

  beforeAll(async () => {
    await dbns(create);
    await dbns(['destroy', 'east']);
  });

  test.each(['/etc/netns/dbns-east-node1', '/run/netns/dbns-east-node2', '/run/dbns/east/node1/mysqld.sock'])(
    'whose create was killed at %s are found and removed',
    async (place) => {
      const before = await snapshot();
      await killCreateAt(place);
      const found = "the cluster 'east', whose create was cut short";
      expect(await checksOf('leftovers')).toEqual([
        { name: 'leftovers', state: 'warning', found, advice: ['dbns doctor --fix'] },
      ]);
      expect((await doctor(['--fix'])).fixed).toEqual([found]);
      expect(await checksOf('leftovers')).toEqual([NONE]);
      expectSameMachine(before, await snapshot());
    },
  );

  test('that are well, and one in the making, are no leftovers', async () => {
    await dbns(create);
    const { child, result } = startDbns(['pxc', 'create', 'west', '--nodes', '2']);
    const seen: Diagnosis[] = [];
    while (child.exitCode === null) seen.push(await doctor(['--fix']));
    await result;
    seen.push(await doctor(['--fix']));
    for (const { checks, fixed } of seen)
      expect({ fixed, told: checks.filter(({ name }) => name === 'leftovers') }).toEqual({ fixed: [], told: [NONE] });
    await dbns(['status', '--check']);
  });

  test('whose record is lost are removed by their marks', async () => {
    const before = await snapshot();
    await dbns(create);
    await sh('rm -r /var/lib/dbns/clusters');
    const { fixed, checks } = await doctor(['--fix']);
    expect(fixed).toEqual([
      expect.stringMatching(/mark of a cluster that is gone/),
      expect.stringMatching(/^kept for clusters that are gone/),
    ]);
    expect(checks).toContainEqual(NONE);
    expectSameMachine(before, await snapshot());
  });

  test('that lost their namespaces are told, with the servers that run on', async () => {
    await dbns(create);
    await sh('ip netns delete dbns-east-node1; ip netns delete dbns-east-node2');
    const told = await checksOf('leftovers');
    expect(told.map(({ found }) => found)).toEqual([
      expect.stringMatching(/servers .*: processes \d+, \d+$/),
      expect.stringMatching(/'east' is not running/),
    ]);
    expect((await doctor(['--fix'])).fixed).toEqual([]);
    await sh(told[0]?.advice[0] ?? '');
    expect(told[1]?.advice).toEqual(['dbns destroy east']);
    await dbns(['destroy', 'east']);
    await expect.poll(() => checksOf('leftovers')).toEqual([NONE]);
  });

  test('that were kept for inspection stay', async () => {
    await dbns([...create, '--keep-on-failure', '--timeout', '50ms'], { expectExit: 6 });
    expect((await doctor(['--fix'])).fixed).toEqual([]);
    const found = "the cluster 'east', kept by --keep-on-failure";
    expect(await checksOf('leftovers')).toMatchObject([{ state: 'warning', found }]);
  });
});
