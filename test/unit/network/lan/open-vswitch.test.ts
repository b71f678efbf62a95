import { describe, expect, test } from 'vitest';
import { traitsOf, type Lan } from '../../../../src/cluster/lan.js';
import { LeftoverError, MachineError } from '../../../../src/errors/errors.js';
import { findLan } from '../../../../src/network/lan/lan.js';
import { markedPorts, portsIn, removePort } from '../../../../src/network/lan/open-vswitch.js';
import { insideStep, linksStep, NO_LINKS } from '../../../../src/network/links.js';
import { tablesOf } from '../../../../src/network/rules.js';
import { sampleCluster } from '../../../fakes/cluster.js';
import { fakeMachine, type Answer } from '../../../fakes/machine.js';

const lan: Lan = { to: 'ovs0', kind: 'openvswitch', range: null, userspace: true, dhcp: false };
const cluster = (changes: Partial<Lan> = {}) => {
  const { network, nodes, ...rest } = sampleCluster(2);
  const zones = [{ name: null, subnet: '192.168.7.0/24', gateway: '192.168.7.1', bridge: 'ovs0' }];
  return {
    ...rest,
    network: { ...network, subnet: '192.168.7.0/24', zones, lan: { ...lan, ...changes } },
    nodes: nodes.map((node, at) => ({ ...node, address: `192.168.7.${50 + at}` })),
  };
};
const argvs = (step: ReturnType<typeof linksStep>) => step.acts.flatMap((act) => (act.do === 'run' ? [act.argv] : []));
const withSwitch = (answer: Answer) => fakeMachine({ onPath: ['ovs-vsctl'], answer });
const ids = (...pairs: readonly (readonly [string, string])[]) => ['map', pairs];

describe('links', () => {
  test('are taken out of the database, made, and put into it with the cluster’s mark', () => {
    const step = linksStep(cluster());
    expect(argvs(step).map(([program]) => program)).toEqual(['ovs-vsctl', 'ip', 'ovs-vsctl']);
    expect(argvs(step)[0]?.join(' ')).toContain('-- --if-exists del-port dbnsa1b2cn1');
    expect(argvs(step)[2]?.join(' ')).toContain(
      '-- --may-exist add-port ovs0 dbnsa1b2cn1 -- set port dbnsa1b2cn1 external_ids:dbns=a1b2c3d4',
    );
    expect(step.acts.map((act) => (act.do === 'run' ? (act.input ?? '') : '')).join('')).not.toContain('master');
    expect(step.makes?.slice(0, 2)).toEqual([
      { kind: 'ovs-port', name: 'dbnsa1b2cn1' },
      { kind: 'ovs-port', name: 'dbnsa1b2cn2' },
    ]);
  });

  test('that are there and ports are left alone', () => {
    const there = cluster().nodes;
    const plugged = new Map(there.map(({ link }) => [link, true]));
    const namespaces = new Set(there.map(({ namespace }) => namespace));
    expect(linksStep(cluster(), { ...NO_LINKS, namespaces, plugged }).acts).toEqual([]);
  });

  test('whose namespace lost its name are made anew, and so are their ports', () => {
    const [first, second] = cluster().nodes.map(({ link }) => link);
    const plugged = new Map(cluster().nodes.map(({ link }) => [link, true]));
    const namespaces = new Set(
      cluster()
        .nodes.map(({ namespace }) => namespace)
        .slice(1),
    );
    const texts = argvs(linksStep(cluster(), { ...NO_LINKS, namespaces, plugged })).map((argv) => argv.join(' '));
    expect(texts.at(0)).toContain(`del-port ${first ?? ''}`);
    expect(texts.at(-1)).toContain(`add-port ovs0 ${first ?? ''}`);
    expect(texts.join('')).not.toContain(`port ${second ?? ''}`);
  });

  test('send checksums of their own where a process passes packets on', () => {
    const [node] = cluster().nodes;
    if (node === undefined) throw new Error('no node');
    const last = (changes: Partial<Lan>) =>
      argvs(insideStep(cluster(changes), node))
        .at(-1)
        ?.join(' ');
    expect(last({})).toBe(`ip netns exec ${node.namespace} ethtool -K eth0 tx off`);
    expect(last({ userspace: false })).not.toContain('ethtool');
  });

  test('meet no rules', () => {
    expect(traitsOf(cluster().network)).toEqual({ makesBridge: false, meetsFirewall: false });
    expect(tablesOf(cluster()).map(({ family }) => family)).not.toContain('bridge');
    expect(tablesOf(cluster({ kind: 'bridge' })).map(({ family }) => family)).toContain('bridge');
  });
});

describe('what was named', () => {
  const link = (changes: object) =>
    JSON.stringify([{ ifname: 'ovs0', mtu: 1500, link_type: 'ether', addr_info: [], ...changes }]);
  const find = (kind: string, brExists: number, path: readonly string[] = ['ovs-vsctl'], datapath = 'netdev') =>
    findLan(
      fakeMachine({
        onPath: path,
        answer: (argv) => {
          if (argv.includes('br-exists')) return { exitCode: brExists, stderr: 'database connection failed' };
          if (argv.includes('port-to-br')) return { exitCode: 1 };
          if (argv.includes('br-to-parent')) return { stdout: 'ovs0\n' };
          if (argv.includes('datapath_type')) return { stdout: `${datapath}\n` };
          return { stdout: argv.includes('address') ? link({ linkinfo: { info_kind: kind } }) : '[]' };
        },
      }),
      'ovs0',
    );

  test('is a bridge of Open vSwitch where that says so', async () => {
    expect(await find('tun', 0)).toMatchObject({ kind: 'openvswitch', userspace: true });
    expect(await find('openvswitch', 0, ['ovs-vsctl'], '""')).toMatchObject({ kind: 'openvswitch', userspace: false });
    expect(await find('tun', 2)).toMatchObject({ kind: 'interface', userspace: false });
    expect(await find('veth', 1)).toMatchObject({ kind: 'interface' });
    expect(await find('tun', 0, [])).toMatchObject({ kind: 'interface' });
  });

  test('may be one, and nobody answers', async () => {
    await expect(find('tun', 1)).rejects.toThrow(/Open vSwitch does not answer: database connection failed/);
    await expect(find('openvswitch', 0, [])).rejects.toThrow(MachineError);
  });

  test('is in a bridge already, whatever the kernel calls that', async () => {
    const machine = withSwitch((argv) => {
      if (argv.includes('br-exists')) return { exitCode: 2 };
      if (argv.includes('port-to-br')) return { stdout: 'ovs1\n' };
      return { stdout: argv.includes('address') ? link({ master: 'ovs-system' }) : '[]' };
    });
    await expect(findLan(machine, 'ovs0')).rejects.toThrow('ovs0 is in ovs1 already.');
  });
});

describe('ports', () => {
  const rows = (...data: readonly unknown[]) => ({ stdout: JSON.stringify({ data, headings: [] }) });

  test('are known by the mark alone', async () => {
    const machine = withSwitch(() => rows(['dbnsa1b2cn1', ids(['dbns', 'a1b2c3d4'])], ['eth1', ids(['iface', 'x'])]));
    expect(await markedPorts(machine)).toEqual([{ name: 'dbnsa1b2cn1', id: 'a1b2c3d4' }]);
    expect(await markedPorts(withSwitch(() => ({ exitCode: 1 })))).toEqual([]);
    expect(await markedPorts(fakeMachine())).toEqual([]);
  });

  test('go with the cluster’s mark, and nobody else’s', async () => {
    const removed = async (...data: readonly unknown[]) => {
      const machine = withSwitch((argv) => (argv.includes('find') ? rows(...data) : {}));
      await removePort(machine, 'p1', 'a1b2c3d4');
      return machine.ran.some(({ argv }) => argv.includes('del-port'));
    };
    expect(await removed(['p1', ids(['dbns', 'a1b2c3d4'])])).toBe(true);
    expect(await removed()).toBe(false);
    await expect(removed(['p1', ids(['dbns', 'ffffffff'])])).rejects.toThrow(LeftoverError);
    const dumb = withSwitch(() => ({ exitCode: 1 }));
    await expect(removePort(dumb, 'p1', 'a1b2c3d4')).rejects.toThrow(/does not answer/);
    await removePort(fakeMachine(), 'p1', 'a1b2c3d4');
  });

  test('are in use by their number; a switch that does not answer has none', async () => {
    const machine = withSwitch((argv) =>
      argv.includes('list-ports') ? { stdout: 'p1\np2\n' } : rows(['p1', 3], ['p2', -1], ['ovs0', 65534]),
    );
    const now = await portsIn(machine, { lan });
    expect(['p1', 'p2', 'p3'].map((name) => now?.(name))).toEqual([
      { bridge: 'ovs0', port: 'forwarding' },
      { bridge: 'ovs0', port: 'disabled' },
      { bridge: null, port: null },
    ]);
    const silent = await portsIn(
      withSwitch(() => ({ exitCode: 1 })),
      { lan },
    );
    expect(silent?.('p1')).toEqual({ bridge: null, port: null });
    expect(await portsIn(machine, { lan: { ...lan, kind: 'bridge' } })).toBeNull();
  });
});
