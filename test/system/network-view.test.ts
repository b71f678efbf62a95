import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createPxc, statusOf } from './world/cluster.js';
import { run } from './world/command.js';
import { dbns, inNode, keepMachineClean, query, startDbns, uriOf } from './world/machine.js';
import { lookAt } from './world/network-report.js';

keepMachineClean();

const addresses = async () => (await statusOf('c')).nodes.map(({ name, address }) => `${name} ${address}`);
const fails = async (words: readonly string[], expectExit: number) => (await dbns(words, { expectExit })).stderr;

test('addresses are those that were chosen, the others get what is left, and a wrong one makes nothing', async () => {
  await createPxc(['c', '--nodes', '2', '--subnet', '10.88.0.0/24', '--ip', 'node1=10.88.0.90', '--mtu', '1400']);
  expect(await addresses()).toEqual(['node1 10.88.0.90', 'node2 10.88.0.2']);
  expect((await inNode('c', 'node1', ['ip', '-4', '-o', 'address', 'show', 'eth0'])).stdout).toContain('10.88.0.90/24');
  const before = (await run(['ip', 'netns', 'list'])).stdout;
  expect(await fails(['add', 'c', '--ip', '10.88.0.2'], 5)).toMatch(/address of node3: node2 has it\./);
  expect(await fails(['add', 'c', '--ip', 'node9=10.88.0.9'], 2)).toMatch(/node9 is none of those that come: node3\./);
  expect(await fails(['add', 'c', '-n', '2', '--ip', '10.88.0.9'], 2)).toMatch(/e\.g\. --ip node3=10\.88\.0\.9\./);
  expect(await fails(['add', 'c', '--ip', '10.88.0.255'], 2)).toMatch(/it is the broadcast address/);
  expect((await run(['ip', 'netns', 'list'])).stdout).toBe(before);
  expect((await dbns(['complete', '--', 'add', 'c', '--ip', ''])).stdout).toMatch(/^node3=/);
  await dbns(['add', 'c', '--ip', '10.88.0.77']);
  expect((await addresses()).at(-1)).toBe('node3 10.88.0.77');
  expect(await query(await uriOf('c', 'node3'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  // What Galera's own connections, of old nodes and of the new one, found their packets may have.
  const { stdout: talk } = await inNode('c', 'node3', [
    'ss',
    '-tinH',
    'state',
    'established',
    'sport',
    '= :4567',
    'or',
    'dport',
    '= :4567',
  ]);
  expect(new Set(talk.match(/pmtu:\d+/g))).toEqual(new Set(['pmtu:1400']));
  const { mtu, interface: bridge, endpoints, amiss } = await lookAt('c');
  expect([mtu, bridge?.mtu, ...endpoints.flatMap(({ inside, outside }) => [inside?.mtu, outside?.mtu])]).toEqual(
    Array.from({ length: 8 }, () => 1400),
  );
  expect([...amiss, ...endpoints.flatMap((each) => each.amiss)]).toEqual([]);
  await run(['ip', '-n', 'dbns-c-node1', 'link', 'set', 'eth0', 'mtu', '1300']);
  expect((await lookAt('c')).endpoints[0]?.amiss).toEqual(['eth0 has the MTU 1300, not 1400']);
  expect(await fails(['pxc', 'create', 'd', '--mtu', '575'], 2)).toMatch(/The MTU 575 can't be had/);
  const inPool = async (pool: string, expectExit: number) =>
    dbns(['pxc', 'create', 'd', '--dry-run', '--json'], {
      ...{ env: { DBNS_POOL: pool }, expectExit },
    });
  expect((await inPool('10.88.0.0/23', 0)).json).toMatchObject({ cluster: { networks: [{ subnet: '10.88.1.0/24' }] } });
  expect((await inPool('10.88.0.0/24', 5)).stdout).toContain('No network (/24) of 10.88.0.0/24 is free.');
});

test('network says of each endpoint and of the rules what the kernel has', async () => {
  const { nodes } = await createPxc(['c', '--nodes', '2']);
  const counter = async (node: string, file: string) =>
    Number((await inNode('c', node, ['cat', `/sys/class/net/eth0/statistics/${file}`])).stdout);
  const files = ['rx_bytes', 'rx_packets', 'tx_bytes', 'tx_packets'];
  const counters = () => Promise.all(nodes.map(({ name }) => Promise.all(files.map((file) => counter(name, file)))));
  const earlier = await counters();
  const network = await lookAt('c');
  const later = await counters();
  for (const [at, { node, inside, outside, address, mac, amiss }] of network.endpoints.entries()) {
    expect(amiss).toEqual([]);
    const { stdout } = await inNode('c', node, ['cat', '/sys/class/net/eth0/address']);
    expect([mac, inside?.mac]).toEqual([stdout.trim(), stdout.trim()]);
    expect(inside?.addresses).toEqual([`${address}/24`]);
    expect(readFileSync(`/sys/class/net/${outside?.name ?? ''}/brport/state`, 'utf8').trim()).toBe('3');
    expect(outside).toMatchObject({ port: 'forwarding', bridge: network.bridge });
    const told = [inside?.received.bytes, inside?.received.packets, inside?.sent.bytes, inside?.sent.packets];
    for (const [which, count] of told.entries()) {
      expect(count).toBeGreaterThanOrEqual(earlier[at]?.[which] ?? NaN);
      expect(count).toBeLessThanOrEqual(later[at]?.[which] ?? NaN);
    }
  }
  expect(network.rules).toMatchObject({ tables: [{ table: 'inet dbns-c', state: 'in force' }] });
  const { stdout: rules } = await run(['nft', '-j', 'list', 'table', 'inet', 'dbns-c']);
  expect(network.rules.sentences).toHaveLength([...rules.matchAll(/"rule": \{/g)].length);
  expect((await dbns(['network'])).stdout).toContain('nft table inet dbns-c: in force');
  expect((await dbns(['network', 'c', '--graph', 'mermaid'])).stdout).toMatch(
    /^flowchart LR\n[^]*node2<br>10\.200\.0\.3/,
  );

  // What somebody takes away is told, one thing after another.
  const link = network.endpoints[1]?.outside?.name ?? '';
  await run(['ip', 'link', 'set', link, 'nomaster']);
  expect((await lookAt('c')).endpoints[1]?.amiss).toEqual([`its end ${link} is not plugged into ${network.bridge}`]);
  await run(['ip', 'link', 'delete', link]);
  expect((await lookAt('c')).endpoints[1]).toMatchObject({ inside: null, outside: null });
  await run(['nft', 'flush', 'chain', 'inet', 'dbns-c', 'forward']);
  expect((await lookAt('c')).rules.tables).toEqual([{ table: 'inet dbns-c', state: 'changed' }]);
  await dbns(['kill', 'c', '--all']);
  await run([
    'bash',
    '-c',
    `nft delete table inet dbns-c; ip netns delete dbns-c-node1; ip link delete ${network.bridge}`,
  ]);
  const gone = await lookAt('c');
  expect(gone).toMatchObject({ interface: null, rules: { tables: [{ state: 'missing' }] } });
  expect(gone.endpoints[0]?.amiss).toEqual(['the namespace dbns-c-node1 is gone']);
  expect((await dbns(['network', 'c'])).stdout).toContain('missing');
  expect(await fails(['capture', 'c', 'node1'], 4)).toContain('The namespace dbns-c-node1 of node1 is gone.');
  expect(await fails(['capture', 'c'], 4)).toContain(`The network of 'c' is gone: ${network.bridge}.`);
});

test.skipIf(!existsSync('/usr/bin/tcpdump'))(
  'capture saves what a node, or the bridge, sends and receives',
  async () => {
    await createPxc(['c', '--nodes', '2']);
    const home = `${process.env.HOME ?? ''}/capture`;
    mkdirSync(home);
    const at = ['env', '-C', home];
    const packets = async (file: string) =>
      (await run(['tcpdump', '-nr', `${home}/${file}`])).stdout.trim().split('\n');
    const capturing = async (
      words: readonly string[],
      act: () => Promise<unknown>,
      signal: NodeJS.Signals = 'SIGINT',
    ) => {
      const { child, result } = startDbns(['capture', 'c', ...words], {
        ...{ place: at, expectExit: 'any', env: { SUDO_UID: '4711', SUDO_GID: '4712' } },
      });
      let said = '';
      child.stderr?.on('data', (text: string) => (said += text));
      await expect.poll(() => said).toContain('listening on');
      await act();
      child.kill(signal);
      return result;
    };
    const uri = await uriOf('c', 'node1');
    const ask = () => query(uri, 'SELECT 1');

    expect(await capturing(['node1', '--port', 'client', '-w', 'own.pcap'], ask)).toMatchObject({ exitCode: 0 });
    const own = await packets('own.pcap');
    expect(own.some((line) => line.includes('10.200.0.2.3306'))).toBe(true);
    expect(own.filter((line) => !line.includes('.3306'))).toEqual([]);
    expect(statSync(`${home}/own.pcap`)).toMatchObject({ uid: 4711, gid: 4712, mode: 0o100600 });

    // From node to node, on the bridge; a file that was there keeps its owner and loses what was in it.
    writeFileSync(`${home}/all.pcap`, 'x'.repeat(100_000), { mode: 0o644 });
    const write = () => query(uri, 'CREATE DATABASE captured');
    await capturing(['--port', 'replication', '-w', 'all.pcap', '--', 'host', '10.200.0.3'], write, 'SIGTERM');
    const all = await packets('all.pcap');
    expect(all.some((line) => /10\.200\.0\.2\.\d+ > 10\.200\.0\.3\./.test(line) && line.includes('.4567'))).toBe(true);
    expect(all.filter((line) => !line.includes('.4567') || !line.includes('10.200.0.3'))).toEqual([]);
    expect(statSync(`${home}/all.pcap`)).toMatchObject({ uid: 0, mode: 0o100644 });

    const { stdout } = await capturing(['node1', '-w', '-', '--', 'tcp'], ask);
    expect(stdout.length).toBeGreaterThan(24);
    const { result } = startDbns(['capture', 'c'], { expectExit: 'any' });
    await expect.poll(async () => (await run(['bash', '-c', 'pgrep -x tcpdump | wc -l'])).stdout.trim()).toBe('1');
    await dbns(['destroy', 'c']);
    expect((await result).exitCode).not.toBe(0);

    await createPxc(['c', '--nodes', '1']);
    expect(await dbns(['capture', 'c', '-w', `${home}/bad`, '--', 'host', 'and'], { expectExit: 1 })).toBeTruthy();
    expect(existsSync(`${home}/bad`)).toBe(false);
    expect(await fails(['capture', 'c', '-w', '/no/such/file'], 2)).toContain(
      "The file /no/such/file can't be written",
    );
    expect(await fails(['capture', 'c', 'node1', '--', '-w', '/etc/x'], 2)).toContain("'-w' is an option of tcpdump");
    expect(await fails(['capture', 'c', '--port', 'boss'], 2)).toContain('no port of that name');
    await run(['mount', '--no-mtab', '--bind', '/dev/null', '/usr/bin/tcpdump']);
    try {
      expect(await fails(['capture', 'c'], 3)).toContain('apt-get install tcpdump');
    } finally {
      await run(['umount', '/usr/bin/tcpdump']);
    }
  },
);
