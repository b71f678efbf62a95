import { between, type Moment } from './moment.js';

/** Something of a cluster that is broken on purpose, until it is healed or its time is up. It is saved with the rules. */
export type Fault = Partition | Cut | Slow | Harm;

interface Broken {
  /** `f1`, `f2` …: none is given twice in a cluster. */
  readonly id: string;
  readonly since: Moment;
  /** Null: until it is healed. */
  readonly until: Moment | null;
}

/** Hosts by their names, with `GATEWAY` among them; or all whom the fault does not name. */
export type Side = readonly string[] | 'rest';

/** Packets in one direction. */
export interface Flow {
  readonly from: Side;
  readonly to: Side;
}

/** The machine itself, and whatever is behind it, as a side is named. */
export const GATEWAY = 'gateway';

/** Packets that are taken away between hosts; addresses stay, and so do the links. */
export interface Partition extends Broken {
  readonly kind: 'partition';
  readonly flows: readonly Flow[];
  /** Only what belongs to it; null is all. */
  readonly channel: ChannelName | null;
  /** Only connections that are made meanwhile; others go on. */
  readonly newOnly: boolean;
  /** Senders are told by a reset; else there is silence. */
  readonly reset: boolean;
}

/** Hosts whose links have no carrier, as if the cable were out; the address stays. */
export interface Cut extends Broken {
  readonly kind: 'cut';
  readonly hosts: readonly string[];
}

/** Packets that come late, seldom, twice, in another order, damaged, or through a narrow place. */
export interface Slow extends Broken {
  readonly kind: 'slow';
  readonly flows: readonly (Flow & { readonly quality: Quality })[];
}

/** What becomes of packets on their way; null is: nothing. */
export interface Quality {
  /** Milliseconds, each of them, and by how many they differ. */
  readonly delay: number | null;
  readonly jitter: number | null;
  /** Shares of the packets, from 0 to 1. */
  readonly loss: number | null;
  readonly duplicate: number | null;
  readonly reorder: number | null;
  readonly corrupt: number | null;
  /** Bits a second. */
  readonly rate: number | null;
}

/** Programs that were killed, or are stopped as a debugger stops them. */
export interface Harm extends Broken {
  readonly kind: 'kill' | 'pause';
  readonly hosts: readonly string[];
}

/** What flows between hosts, by the ports of those who are connected to. */
export interface Channel {
  readonly name: ChannelName;
  readonly ports: readonly number[];
  /** `servers`: both ends are. `clients`: one end is none. */
  readonly between: 'servers' | 'clients';
  /** Names of the nodes that are servers to each other. */
  readonly servers: readonly string[];
}

/** `client`: what clients ask and are answered. `ist`, `sst`: Galera's state transfers. */
export const CHANNELS = ['client', 'replication', 'ist', 'sst'] as const;
export type ChannelName = (typeof CHANNELS)[number];

/** Milliseconds that a fault has left, at least 0; null when it has no end. */
export function timeLeft({ until }: Pick<Fault, 'until'>, now: Moment): number | null {
  return until === null ? null : Math.max(0, between(now, until));
}

/** Whether it is broken still. */
export function isInForce(fault: Pick<Fault, 'until'>, now: Moment): boolean {
  return timeLeft(fault, now) !== 0;
}

/** Those that are broken still. */
export function inForce(faults: readonly Fault[], now: Moment): readonly Fault[] {
  return faults.filter((fault) => isInForce(fault, now));
}

/** All hosts that a fault names. */
export function namedBy(fault: Pick<Cut, 'hosts'> | Pick<Partition, 'flows'>): readonly string[] {
  if ('hosts' in fault) return fault.hosts;
  return [
    ...new Set(fault.flows.flatMap(({ from, to }) => [from, to]).flatMap((side) => (side === 'rest' ? [] : side))),
  ];
}

/** By which faults are known. */
export const idsOf = (faults: readonly Pick<Fault, 'id'>[]) => faults.map(({ id }) => id);

/** A fault without a host that is no longer there; null where nothing is left to break. */
export function withoutName<T extends Fault>(fault: T, name: string): T | null {
  const others = (names: readonly string[]) => names.filter((other) => other !== name);
  if ('hosts' in fault) {
    const hosts = others(fault.hosts);
    return hosts.length === 0 ? null : { ...fault, hosts };
  }
  const on = (side: Side): Side => (side === 'rest' ? side : others(side));
  const flows = fault.flows
    .map((flow) => ({ ...flow, from: on(flow.from), to: on(flow.to) }))
    .filter(({ from, to }) => from.length > 0 && to.length > 0);
  return flows.length === 0 ? null : { ...fault, flows };
}
