import type { ChannelName, Quality } from '../cluster/fault.js';
import { milliseconds, type Duration } from '../cluster/duration.js';
import { WHOLE } from '../cluster/quality.js';
import type { PartitionRequest } from '../lifecycle/faults/partition.js';
import type { SlowRequest } from '../lifecycle/faults/slow.js';

/** A fault that may end by itself. */
export interface Lasting {
  /** When it ends by itself; absent: when it is healed. */
  readonly for?: Duration | undefined;
}

/** Who no longer reaches whom; say one way. */
export interface PartitionWords extends Lasting {
  /** One side: the name of a node, or whoever is the primary; or some, chosen at random. The others are the other side. */
  readonly isolate?: string | undefined;
  /** Names of nodes on each side; who is on none forms one more. */
  readonly sides?: readonly (readonly string[])[] | undefined;
  /** Names of zones, a side each, with all who are there. */
  readonly zones?: readonly string[] | undefined;
  /** One half of the nodes from the other. */
  readonly halves?: boolean | undefined;
  /** Each node sees a majority, and no two the same. */
  readonly ring?: boolean | undefined;
  /** Two halves, and the node of this name sees both. */
  readonly bridge?: string | undefined;
  /** One way: whose packets do not arrive, and where. `gateway` is the machine. */
  readonly from?: readonly string[] | undefined;
  readonly to?: readonly string[] | undefined;
  /** Only what belongs to it; all when absent. */
  readonly channel?: ChannelName | undefined;
  /** Connections that stand go on. */
  readonly newOnly?: boolean | undefined;
  /** Resets instead of silence. */
  readonly reset?: boolean | undefined;
}

/** Whose packets, and what becomes of them in each direction. */
export interface SlowWords extends Lasting {
  /** What the node of this name sends to each other node, and gets from each. */
  readonly node?: string | undefined;
  /** What hosts of the zone of this name send to those outside, and get from there. */
  readonly zone?: string | undefined;
  /** What each of two sends to the other; a zone's name stands for all there, here as below. */
  readonly pair?: readonly [string, string] | undefined;
  /** One way. */
  readonly from?: readonly string[] | undefined;
  readonly to?: readonly string[] | undefined;
  /** How much later packets come. Takes netem, as all but loss and rate do. */
  readonly delay?: Duration | undefined;
  readonly jitter?: Duration | undefined;
  /** Shares of packets, from 0 to 1: that never come, come twice, come before earlier ones, have one bit wrong. */
  readonly loss?: number | undefined;
  readonly duplicate?: number | undefined;
  readonly reorder?: number | undefined;
  readonly corrupt?: number | undefined;
  /** Bits a second from each to each. */
  readonly rate?: number | undefined;
}

/** Milliseconds; null has no end. */
export function lastsOf({ for: time }: Lasting): number | null {
  return time === undefined ? null : milliseconds(time);
}

export function partitionRequest(cluster: string, words: PartitionWords): PartitionRequest {
  const { isolate, sides = [], zones, halves, ring, bridge, from, to } = words;
  const { channel = null, newOnly = false, reset = false } = words;
  const split = { isolate, sides, zones, halves, ring, bridge, from, to };
  return { cluster, lasts: lastsOf(words), ...split, channel, newOnly, reset };
}

export function slowRequest(cluster: string, words: SlowWords): SlowRequest {
  const { node, zone, pair, from, to } = words;
  return { cluster, lasts: lastsOf(words), node, zone, pair, from, to, quality: qualityOf(words) };
}

function qualityOf({ delay, jitter, loss, duplicate, reorder, corrupt, rate }: SlowWords): Quality {
  const shares = {
    loss: loss ?? null,
    duplicate: duplicate ?? null,
    reorder: reorder ?? null,
    corrupt: corrupt ?? null,
  };
  return {
    ...{ ...WHOLE, ...shares, rate: rate ?? null },
    delay: delay === undefined ? null : milliseconds(delay),
    jitter: jitter === undefined ? null : milliseconds(jitter),
  };
}
