import type { Interface } from '../../network/interfaces.js';
import type { TableState } from '../../network/table-state.js';
import type { Lan } from '../../cluster/lan.js';
import type { Layout } from '../../cluster/zone.js';
import type { ClusterView, ZoneView } from '../view.js';

export type { Interface };

/** The network of a cluster as scripts see it (schema/network.schema.json). */
export interface ClusterNetworks {
  readonly cluster: string;
  /** Of a broken cluster none. */
  readonly networks: readonly NetworkReport[];
  readonly broken?: NonNullable<ClusterView['broken']>;
}

export interface NetworkReport {
  readonly name: string;
  readonly subnet: string;
  /** The /64 beside it; null where nobody asked for IPv6. */
  readonly ipv6: string | null;
  readonly layout: Layout;
  /** The LAN that it is a part of; null where it is the cluster's own. */
  readonly lan: Lan | null;
  /** The machine's own address, in a LAN that of its router, if any; null with zones. */
  readonly gateway: string | null;
  /** Null where there is none, and with zones. */
  readonly bridge: string | null;
  /** No way out is wanted. */
  readonly internal: boolean;
  /** Of its bridges and links, bytes. */
  readonly mtu: number;
  /** Interfaces of the machine by which NAT leads out. */
  readonly uplinks: readonly string[];
  /** The bridge, as the kernel has it; null when it is gone, or there is none, and with zones. */
  readonly interface: Interface | null;
  /** None where nobody asked for any. */
  readonly zones: readonly ZoneReport[];
  readonly endpoints: readonly Endpoint[];
  readonly rules: Rules;
  /** What is not as it was made, in sentences. */
  readonly amiss: readonly string[];
}

/** A half or a quarter of a network. */
export interface ZoneReport extends ZoneView {
  /** Its bridge, as the kernel has it; null when it is gone, or there is none. */
  readonly interface: Interface | null;
}

/** The place on the network of a node, or of whoever else is there: what it is to be, and both ends of its link as the kernel has them. */
export interface Endpoint {
  readonly node: string;
  readonly namespace: string;
  /** Null where there are none. */
  readonly zone: string | null;
  readonly address: string;
  /** Null where its network has no IPv6. */
  readonly ipv6: string | null;
  readonly mac: string;
  /** In the node's namespace, with the traffic as the node sees it; null when it is gone. */
  readonly inside: Interface | null;
  /** The machine's end; null when it is gone. */
  readonly outside: Interface | null;
  /** Whether that end is joined to the network, by a port that forwards or by the machine's routing. */
  readonly joined: boolean;
  readonly amiss: readonly string[];
}

export interface Rules {
  /** Family and name of each nft table of the cluster. */
  readonly tables: readonly { readonly table: string; readonly state: TableState }[];
  /** What the rules do that dbns makes, one sentence each. */
  readonly sentences: readonly string[];
}
