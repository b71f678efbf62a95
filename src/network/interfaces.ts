import * as v from 'valibot';
import { hostsOf, type Cluster } from '../cluster/cluster.js';
import { portsIn } from './lan/open-vswitch.js';
import { ofKind } from '../cluster/schemas.js';
import type { Machine } from '../host/machine.js';

/** What went one way through an interface, since it was made. */
export interface Traffic {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly dropped: number;
}

/** An interface, as the kernel has it. */
export interface Interface {
  readonly name: string;
  readonly mac: string;
  /** Bytes. */
  readonly mtu: number;
  /** As CIDR: `10.200.0.2/24`; of IPv6 those that hold beyond the link. */
  readonly addresses: readonly string[];
  /** Addresses at the other end, where an address names one (ip-address(8), peer). */
  readonly peers: readonly string[];
  /** Whether it is to be up, whatever is at its other end. */
  readonly up: boolean;
  readonly carrier: boolean;
  /** The bridge that it is plugged into. */
  readonly bridge: string | null;
  /** The state of its port there: `forwarding`, `disabled`, `blocking` … */
  readonly port: string | null;
  readonly received: Traffic;
  readonly sent: Traffic;
}

/** What is there of the links of a cluster. */
export interface InterfacesPresent {
  /** Of the machine, by name: bridges, the machine's ends of the nodes' links, and what leads into a LAN. */
  readonly machine: ReadonlyMap<string, Interface>;
  /** Of each node, by the name of the node, then of the interface; a text says why nobody can look there. */
  readonly nodes: ReadonlyMap<string, ReadonlyMap<string, Interface> | string>;
}

const TRAFFIC = v.object({ bytes: v.number(), packets: v.number(), errors: v.number(), dropped: v.number() });
const ADDRESS = v.partial(
  v.object({
    family: v.string(),
    scope: v.string(),
    local: v.string(),
    address: v.string(),
    prefixlen: v.number(),
  }),
);
const LINK = v.object({
  ifname: v.string(),
  address: v.optional(v.string(), ''),
  mtu: v.number(),
  flags: v.optional(v.array(v.string()), []),
  master: v.optional(v.string()),
  linkinfo: v.optional(v.object({ info_slave_data: v.optional(v.partial(v.object({ state: v.string() }))) })),
  addr_info: v.optional(v.array(ADDRESS), []),
  stats64: v.object({ rx: TRAFFIC, tx: TRAFFIC }),
});

/** Looks at the machine's links of the cluster in one process, and into each namespace in one more. */
export async function observeInterfaces(machine: Machine, cluster: Cluster): Promise<InterfacesPresent> {
  const { network } = cluster;
  const show = ['ip', '-json', '-details', '-statistics', 'address', 'show'];
  const [ours, lan, ports, inside] = await Promise.all([
    machine.run([...show, 'group', String(network.linkGroup)]),
    network.lan === null ? null : machine.run([...show, 'dev', network.lan.to], { allowFailure: true }),
    portsIn(machine, network),
    Promise.all(
      hostsOf(cluster).map(async ({ name, namespace }) => [name, await lookInto(machine, namespace)] as const),
    ),
  ]);
  const found = [ours.stdout, lan?.stdout ?? '']
    .flatMap(readInterfaces)
    .map((one) => ({ ...one, ...ports?.(one.name) }));
  return { machine: byName(found), nodes: new Map(inside) };
}

async function lookInto(machine: Machine, namespace: string): Promise<ReadonlyMap<string, Interface> | string> {
  if (!machine.files.exists(`${machine.roots.netns}/${namespace}`)) return `the namespace ${namespace} is gone`;
  const argv = ['ip', '-n', namespace, '-json', '-statistics', 'address', 'show'];
  const { stdout, stderr, exitCode } = await machine.run(argv, { allowFailure: true });
  if (exitCode === 0) return byName(readInterfaces(stdout));
  return `the namespace ${namespace} can't be entered (${stderr.trim().split('\n')[0] ?? ''})`;
}

/** Reads what `ip -json -statistics address show` printed, with `-details` the ports too. */
export function readInterfaces(output: string): readonly Interface[] {
  const rows = v.parse(v.array(v.unknown()), JSON.parse(output.trim() || '[]'));
  // iproute2 prints an empty object for a link that its filter leaves out.
  return ofKind(LINK, rows).map(interfaceOf);
}

function interfaceOf({
  ifname,
  address,
  mtu,
  flags,
  master,
  linkinfo,
  addr_info,
  stats64,
}: v.InferOutput<typeof LINK>): Interface {
  const known = addr_info.filter(
    ({ family, scope }) => family === 'inet' || (family === 'inet6' && scope === 'global'),
  );
  return {
    ...{ name: ifname, mac: address, mtu, up: flags.includes('UP'), carrier: flags.includes('LOWER_UP') },
    addresses: known.map(({ local = '', prefixlen = 32 }) => `${local}/${prefixlen}`),
    peers: known.flatMap(({ address: peer }) => peer ?? []),
    bridge: master ?? null,
    port: linkinfo?.info_slave_data?.state ?? null,
    received: stats64.rx,
    sent: stats64.tx,
  };
}

function byName(interfaces: readonly Interface[]): ReadonlyMap<string, Interface> {
  return new Map(interfaces.map((each) => [each.name, each]));
}
