import type { FamilyName } from './family.js';

/**
 * A thing in the machine that a cluster made and that must be removed again. A step names its resources before it
 * runs; they are on disk before anything is made, and are removed backwards, each only with the cluster's mark on it.
 */
export type Resource =
  /** A directory; one of MARK_FILES in it holds the mark, or it is still empty. */
  | { readonly kind: 'directory'; readonly path: string }
  /** A network namespace; its mark is the marked directory of the same name under /etc/netns. */
  | { readonly kind: 'netns'; readonly name: string }
  /** All links of a link group, which is their mark. */
  | { readonly kind: 'links'; readonly group: number }
  /**
   * An interface of the machine in a bridge of the cluster: words of `ip address` and `ip route` for what it had before. It goes
   * back with the bridge, which is its mark.
   */
  | {
      readonly kind: 'joined';
      readonly link: string;
      readonly addresses: readonly string[];
      readonly routes: readonly string[];
    }
  /** A port of an Open vSwitch bridge, in the database of that: its mark is among its external ids. */
  | { readonly kind: 'ovs-port'; readonly name: string }
  /** An nft table; its mark is its comment. */
  | { readonly kind: 'nft-table'; readonly family: TableFamily; readonly name: string }
  /** Rules in a chain of another firewall; their mark is their comment. */
  | { readonly kind: 'nft-rules'; readonly family: string; readonly table: string; readonly chain: string }
  /** The process that keeps a cluster's duties; the lock on the directory is its mark. */
  | { readonly kind: 'keeper'; readonly directory: string }
  /** Every process in a node's namespace. */
  | { readonly kind: 'processes'; readonly namespace: string };

/**
 * The families of a cluster's nft tables: what is routed and what the machine itself sends, what the bridge passes on, and
 * what links carry.
 */
export const TABLE_FAMILIES = ['inet', 'bridge', 'netdev'] as const;
export type TableFamily = (typeof TABLE_FAMILIES)[number];

/** Things that clusters share: made by the first that needs them, put back by the last. */
export type SharedResource =
  /**
   * An uplink whose forwarding of a family was off, and which is guarded while it is on; `router`: whether the machine was a router all the same.
   */
  | { readonly kind: 'uplink'; readonly family: FamilyName; readonly link: string; readonly router: boolean }
  /** `ip_forward`, in journals of clusters that turned it on, as dbns does no more. */
  | { readonly kind: 'sysctl'; readonly key: string; readonly before: string }
  /** A directory that is removed when it is empty, with the mount that `ip netns` put on it. */
  | { readonly kind: 'parent-directory'; readonly path: string };

/** The mark of a cluster, as it stands in nft comments and link aliases. */
export function markOf(clusterId: string): string {
  return `dbns:${clusterId}`;
}

/** The file in a directory that says whose it is. */
export const MARK_FILE = '.dbns';

/** `ip netns exec` binds every file of /etc/netns/NAME over one in /etc, so there the mark is a comment in hosts. */
export const MARK_FILES: readonly string[] = [MARK_FILE, 'hosts'];
