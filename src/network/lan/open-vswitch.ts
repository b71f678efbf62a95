import * as v from 'valibot';
import type { Cluster, Host, Network } from '../../cluster/cluster.js';
import type { Act } from '../../cluster/plan.js';
import type { Resource } from '../../cluster/resource.js';
import { LeftoverError, MachineError } from '../../errors/errors.js';
import { lacks } from '../../host/lacks.js';
import type { Machine, RunResult } from '../../host/machine.js';
import { insideOf } from '../inside-of.js';
import { segmentOf } from '../segment.js';

/** It waits for ever for a database that is not there, and for a switch that does not run (ovs-vsctl(8), --timeout; seconds). */
const VSCTL = ['ovs-vsctl', '--timeout=10'];

/** The key of our mark among the external ids of a port; the value is the cluster's id. */
const MARK = 'dbns';

/** The switch's own word for a datapath that a process is, and not the kernel (ovs-vswitchd.conf.db(5), datapath_type). */
const USERSPACE = 'netdev';

/** Kinds of links that Open vSwitch makes for its bridges (IFLA_INFO_KIND): in the kernel, and where a process is the datapath. */
const LIKE_ITS_BRIDGES: readonly string[] = ['openvswitch', 'tun'];

/** An Open vSwitch bridge, as its database has it. */
export interface Switch {
  readonly userspace: boolean;
}

/**
 * Null for what is no bridge of Open vSwitch.
 * @param kind of the link
 * @throws MachineError where it may be one, and nobody can be asked.
 */
export async function findSwitch(machine: Machine, name: string, kind: string | null): Promise<Switch | null> {
  const mayBe = LIKE_ITS_BRIDGES.includes(kind ?? '');
  if (machine.which('ovs-vsctl') === null) {
    if (kind === 'openvswitch') throw lacks('ovs-vsctl');
    return null;
  }
  const { exitCode, ...said } = await machine.run([...VSCTL, 'br-exists', name], { allowFailure: true });
  // ovs-vsctl(8), br-exists: 2 is no.
  if (exitCode === 2) return null;
  if (exitCode !== 0 && mayBe) throw noAnswer(said);
  if (exitCode !== 0) return null;
  // One that stands for a VLAN of another (a fake bridge) has that one's datapath.
  const { stdout: real } = await machine.run([...VSCTL, 'br-to-parent', name]);
  const { stdout } = await machine.run([...VSCTL, 'get', 'bridge', real.trim(), 'datapath_type']);
  return { userspace: stdout.trim() === USERSPACE };
}

function noAnswer({ stderr }: Pick<RunResult, 'stderr'>): MachineError {
  return new MachineError(`Open vSwitch does not answer: ${stderr.trim().split('\n').at(-1) ?? ''}`, {
    suggestions: ['systemctl start openvswitch-switch', 'ovs-vsctl show'],
  });
}

/** The Open vSwitch bridge that an interface is a port of; null when it is in none, or nobody can be asked. */
export async function switchWith(machine: Machine, link: string): Promise<string | null> {
  if (machine.which('ovs-vsctl') === null) return null;
  const { stdout, exitCode } = await machine.run([...VSCTL, 'port-to-br', link], { allowFailure: true });
  return exitCode === 0 ? stdout.trim() : null;
}

/** @throws MachineError without what sets a link's offloads. */
export function requireEthtool(machine: Machine): void {
  if (machine.which('ethtool') === null) throw lacks('ethtool');
}

type Port = Extract<Resource, { kind: 'ovs-port' }>;

/** What hosts' links are as ports of Open vSwitch: a resource each. */
export function portResources(network: Network, hosts: readonly Host[]): readonly Port[] {
  return hosts.flatMap((host) =>
    segmentOf(network, host).portOf === null ? [] : [{ kind: 'ovs-port', name: host.link }],
  );
}

/**
 * Takes links that are to be made anew out of the database, where those of a machine that was rebooted are still: a switch that runs
 * goes on with a link that is gone, and takes no notice of another one of its name.
 */
export function freePortActs(network: Network, hosts: readonly Host[]): readonly Act[] {
  const words = portResources(network, hosts).flatMap(({ name }) => ['--', '--if-exists', 'del-port', name]);
  return words.length === 0 ? [] : [{ do: 'run', argv: [...VSCTL, ...words] }];
}

/** Makes links ports, in one transaction; those that are stay. */
export function portActs({ id, network }: Pick<Cluster, 'id' | 'network'>, hosts: readonly Host[]): readonly Act[] {
  const words = hosts.flatMap((host) => {
    const { portOf } = segmentOf(network, host);
    if (portOf === null) return [];
    const { link } = host;
    return ['--', '--may-exist', 'add-port', portOf, link, '--', 'set', 'port', link, `external_ids:${MARK}=${id}`];
  });
  return words.length === 0 ? [] : [{ do: 'run', argv: [...VSCTL, ...words] }];
}

/** Lets a host compute checksums itself: where a process passes packets on nobody else does, and no connection ever stands. */
export function sumActs(network: Network, host: Host): readonly Act[] {
  if (!segmentOf(network, host).sums) return [];
  return [{ do: 'run', argv: ['ip', 'netns', 'exec', host.namespace, 'ethtool', '-K', insideOf(host), 'tx', 'off'] }];
}

const TABLE = v.object({ data: v.array(v.tuple([v.string(), v.unknown()])) });
const IDS = v.pipe(
  v.tuple([v.literal('map'), v.array(v.tuple([v.string(), v.string()]))]),
  v.transform(([, pairs]) => new Map(pairs)),
);

/** Ports of the machine's Open vSwitch that bear a mark of ours, and whose. Where it does not answer none are seen. */
export async function markedPorts(
  machine: Machine,
): Promise<readonly { readonly name: string; readonly id: string }[]> {
  if (machine.which('ovs-vsctl') === null) return [];
  const ports = await portRows(machine, []);
  return (ports ?? []).flatMap(({ name, mark }) => (mark === null ? [] : [{ name, id: mark }]));
}

/** Null where Open vSwitch does not answer. */
async function portRows(machine: Machine, conditions: readonly string[]) {
  const argv = [...VSCTL, '--format=json', '--columns=name,external_ids', 'find', 'port', ...conditions];
  const { stdout, exitCode } = await machine.run(argv, { allowFailure: true });
  if (exitCode !== 0) return null;
  return v.parse(TABLE, JSON.parse(stdout)).data.map(([name, ids]) => ({
    name,
    mark: v.parse(IDS, ids).get(MARK) ?? null,
  }));
}

/** Removes a port that bears the cluster's mark; absent means done, and so does a machine that has no Open vSwitch any more. */
export async function removePort(machine: Machine, name: string, clusterId: string): Promise<void> {
  if (machine.which('ovs-vsctl') === null) return;
  const ports = await portRows(machine, [`name=${name}`]);
  const again = { suggestions: ['systemctl start openvswitch-switch', `ovs-vsctl --if-exists del-port ${name}`] };
  if (ports === null) throw new LeftoverError('Open vSwitch does not answer', again);
  const [port] = ports;
  if (port === undefined) return;
  if (port.mark !== clusterId)
    throw new LeftoverError('not ours: its external_ids:dbns is another', { suggestions: again.suggestions.slice(1) });
  await machine.run([...VSCTL, '--if-exists', 'del-port', name]);
}

/** What a link is plugged into, and the state of its port, where Open vSwitch and not the kernel says so. */
export type PortsPresent = (link: string) => { readonly bridge: string | null; readonly port: string | null };

/** Null where the kernel says so. Where Open vSwitch does not answer nothing is plugged in. */
export async function portsIn(machine: Machine, { lan }: Pick<Network, 'lan'>): Promise<PortsPresent | null> {
  if (lan?.kind !== 'openvswitch') return null;
  const ports = await portsOf(machine, lan.to);
  return (link) => {
    const isInUse = ports?.get(link);
    if (isInUse === undefined) return { bridge: null, port: null };
    return { bridge: lan.to, port: isInUse ? 'forwarding' : 'disabled' };
  };
}

/**
 * Which of a bridge's ports are in use, by the number that the switch gave them (ovs-vswitchd.conf.db(5), ofport: -1 where that
 * failed); null where it does not answer.
 */
async function portsOf(machine: Machine, bridge: string): Promise<ReadonlyMap<string, boolean> | null> {
  if (machine.which('ovs-vsctl') === null) return null;
  const show = ['--format=json', '--columns=name,ofport', 'list', 'interface'];
  const [names, numbers] = await Promise.all(
    [['list-ports', bridge], show].map((words) => machine.run([...VSCTL, ...words], { allowFailure: true })),
  );
  if (names?.exitCode !== 0 || numbers?.exitCode !== 0) return null;
  const rows = v.parse(TABLE, JSON.parse(numbers.stdout)).data;
  const inUse = new Set(rows.flatMap(([name, number]) => (typeof number === 'number' && number > 0 ? [name] : [])));
  return new Map(names.stdout.split('\n').flatMap((name) => (name === '' ? [] : [[name, inUse.has(name)] as const])));
}
