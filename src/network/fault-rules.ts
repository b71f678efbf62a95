import { hostsOf } from '../cluster/cluster.js';
import { GATEWAY, type Channel, type Flow } from '../cluster/fault.js';
import { familiesOf, type Family } from '../cluster/family.js';
import { insides } from './insides.js';
import { pairsOf } from './pairs.js';
import type { Chain, Rule, Ruled, TableObject } from './rule.js';

/** What a fault takes of the packets between hosts, as the kernel is to go by it now. */
export interface Taking {
  /** The fault's id, by which its packets are counted. */
  readonly fault: string;
  readonly flows: readonly Flow[];
  /** Null is all. */
  readonly channel: Channel | null;
  readonly newOnly: boolean;
  readonly reset: boolean;
  /** Of the packets, from 0 to 1. */
  readonly share: number;
  /** Milliseconds; null has no end. */
  readonly left: number | null;
}

/** Of the packets between hosts, how many come twice. */
export type Doubling = Pick<Taking, 'fault' | 'flows' | 'share' | 'left'>;

/** All of them. */
export interface Takings {
  readonly takings: readonly Taking[];
  readonly doublings: readonly Doubling[];
  /** What each fault took before now. */
  readonly counts: ReadonlyMap<string, Count>;
  /** The machine's ends of links that are there: a missing one would fail the whole text. */
  readonly devices: readonly string[];
}

/** Packets, and their bytes. */
export interface Count {
  readonly packets: number;
  readonly bytes: number;
}

export const NO_TAKINGS: Takings = { takings: [], doublings: [], counts: new Map(), devices: [] };

/**
 * Taken where it comes in from a host, at the machine's end of its link: there it is the same whether it will be bridged or
 * routed, and whether a bridge calls the firewall. ARP is left alone, and what IPv6 has for it, so that silence is all that is seen.
 */
export function faultChains(cluster: Ruled, { takings, devices }: Takings): readonly Chain[] {
  const all = allSets(cluster, takings);
  const inside = insides(cluster.network);
  const found = all.length === 0 ? [] : discoveryOf(cluster);
  const rules = (match: (sets: Sets) => string | null) =>
    all.flatMap((sets) => {
      const matched = match(sets);
      return matched === null ? [] : rulesOf(sets, matched);
    });
  const between = rules(({ between: set, family: { name: ip } }) =>
    matchOf(set, (name) => `${ip} saddr . ${ip} daddr @${name}`),
  );
  const up = rules(({ up: set, family: { name: ip, addressOf } }) => {
    const addresses = hostsOf(cluster).map(({ address }) => addressOf(address));
    return matchOf(set, (name) => `${ip} saddr @${name} ${ip} daddr != { ${addresses.join(', ')} }`);
  });
  const down = (from: string) => {
    const taken = rules(({ down: set, family }) => matchOf(set, (name) => `${from} ${family.name} daddr @${name}`));
    return taken.length === 0 ? [] : [...found, ...taken];
  };
  return [
    {
      name: 'faults',
      hook: ingressOf(devices, 'filter'),
      rules: devices.length === 0 || between.length + up.length === 0 ? [] : [...found, ...between, ...up],
    },
    { name: 'faults_output', hook: 'filter hook output priority filter', rules: down(`oifname ${inside}`) },
    {
      name: 'faults_forward',
      hook: 'filter hook forward priority filter',
      rules: down(`iifname != ${inside} oifname ${inside}`),
    },
  ];
}

/** Silence is all that is seen, and no neighbour that is gone: by whatever neighbours find each other, it comes through. */
function discoveryOf({ network }: Ruled): readonly Rule[] {
  return familiesOf(network).flatMap(({ discovery }) =>
    discovery === null ? [] : [{ nft: `${discovery} accept`, means: 'Neighbours find each other all the same.' }],
  );
}

/** Where packets come in from hosts. */
export function ingressOf(devices: readonly string[], priority: string): string {
  return `filter hook ingress devices = { ${devices.map((device) => `"${device}"`).join(', ')} } priority ${priority}`;
}

/** A counter for each fault, and the addresses that it is about, which nft lets go by the clock. */
export function faultObjects(cluster: Ruled, { takings, counts }: Takings): readonly TableObject[] {
  const counters = [...new Set(takings.map(({ fault }) => fault))].map((name) => {
    const { packets, bytes } = counts.get(name) ?? { packets: 0, bytes: 0 };
    return { kind: 'counter', name, body: [`packets ${packets} bytes ${bytes}`] } as const;
  });
  const sets = allSets(cluster, takings).flatMap(({ taking, family: { type }, between, up, down }) =>
    [setText(between, `${type} . ${type}`, taking), ...[up, down].map((set) => setText(set, type, taking))].flat(),
  );
  return [...counters, ...sets];
}

export interface NamedSet {
  readonly name: string;
  readonly elements: readonly string[];
}

/** Whom a taking is about: between hosts, from hosts to the machine and beyond, and from there to hosts. */
interface Sets {
  readonly taking: Taking;
  readonly family: Family;
  readonly between: NamedSet;
  readonly up: NamedSet;
  readonly down: NamedSet;
}

/** Of each taking, in each family of addresses. */
function allSets(cluster: Ruled, takings: readonly Taking[]): readonly Sets[] {
  const families = familiesOf(cluster.network);
  return takings.flatMap((taking, position) => families.map((family) => setsOf(cluster, taking, position, family)));
}

function setsOf(cluster: Ruled, taking: Taking, position: number, family: Family): Sets {
  const address = new Map(hostsOf(cluster).map((host) => [host.name, family.addressOf(host.address)]));
  const name = `${taking.fault}_${position + 1}`;
  const pairs = pairsOf(cluster, taking.flows, taking.channel);
  const of = (suffix: string, elements: readonly (string | undefined)[]) => ({
    name: `${name}${suffix}${family.suffix}`,
    elements: [...new Set(elements.filter((element) => element !== undefined))],
  });
  const hosts = pairs.filter((pair) => !pair.includes(GATEWAY));
  const from = (side: string) => pairs.filter(([one]) => one === side).map(([, other]) => address.get(other));
  const to = (side: string) => pairs.filter(([, one]) => one === side).map(([other]) => address.get(other));
  return {
    ...{ taking, family },
    between: of(
      '',
      hosts.map(([one, other]) => `${address.get(one)} . ${address.get(other)}`),
    ),
    up: of('_up', to(GATEWAY)),
    down: of('_down', from(GATEWAY)),
  };
}

function matchOf({ name, elements }: NamedSet, words: (name: string) => string): string | null {
  return elements.length === 0 ? null : words(name);
}

export function setText(
  { name, elements }: NamedSet,
  type: string,
  { left }: Pick<Taking, 'left'>,
): readonly TableObject[] {
  if (elements.length === 0) return [];
  const ends = left === null ? '' : ` timeout ${left}ms`;
  const body = [
    `type ${type}`,
    ...(left === null ? [] : ['flags timeout']),
    `elements = { ${elements.map((element) => `${element}${ends}`).join(', ')} }`,
  ];
  return [{ kind: 'set', name, body }];
}

function meaning({ fault, share }: Taking, does: 'takes' | 'refuses by resets'): string {
  const what = share < 1 ? `${Number((share * 100).toFixed(2))} % of the packets` : 'packets';
  return `The fault ${fault} ${does} ${what} between those whom it names.`;
}

/** The end of rules: what is done with those that match. */
function rulesOf({ taking }: Sets, match: string): readonly Rule[] {
  const { fault, channel, newOnly, reset, share } = taking;
  const ports = channel === null ? [''] : ['dport', 'sport'].map((end) => ` th ${end} { ${channel.ports.join(', ')} }`);
  // Who is told both, what the transport is and that it is TCP, takes neither (nft: conflicting protocols).
  const transport = channel === null || newOnly ? '' : ' meta l4proto { tcp, udp }';
  const first = newOnly ? ' tcp flags & (fin | syn | rst | ack) == syn' : '';
  const some = share < 1 ? ` ${chance(share)}` : '';
  return ports.flatMap((port) => {
    const start = `${match}${transport}${port}${first}${some}`;
    const told = `${match}${newOnly ? '' : ' meta l4proto tcp'}${port}${first} counter name "${fault}" reject with tcp reset`;
    return [
      ...(reset ? [{ nft: told, means: meaning(taking, 'refuses by resets') }] : []),
      { nft: `${start} counter name "${fault}" drop`, means: meaning(taking, 'takes') },
    ];
  });
}

/** By chance, for each packet anew. */
export function chance(share: number): string {
  return `numgen random mod ${WHOLE} < ${Math.round(share * WHOLE)}`;
}

/** Shares are told to a hundredth of a per cent. */
const WHOLE = 10_000;
