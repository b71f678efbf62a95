import type { Node } from '../../cluster/cluster.js';
import { GTIDS } from '../../servers/mysqld/gtid.js';
import type { ReplicationSettings } from './settings.js';
import { MANY_SOURCES } from './shapes.js';
import { channelFrom, type ChannelState, type NodeState } from './state.js';

/** What it takes that a node that comes back, or whose source does, replicates from it as it is to. */
export type Need =
  | { readonly do: 'nothing' }
  /** It looks for a source that was lost every 60 s only: now it is there. */
  | { readonly do: 'connect'; readonly channel: ChannelState }
  /** Another node became the primary while it was away. */
  | { readonly do: 'follow' }
  /** It has what its source never had: these GTIDs. */
  | { readonly do: 'part'; readonly own: string };

export interface Pair {
  readonly replica: NodeState;
  /** The source's address, and all GTIDs that it has. */
  readonly source: Pick<Node, 'address'> & Pick<NodeState, 'executed'>;
  /** The replica was started just now; else its source was. */
  readonly started: boolean;
}

export function needOf({ replica, source, started }: Pair, { shape, gtid }: ReplicationSettings): Need {
  const channel = channelFrom(replica, source.address);
  if (channel !== undefined) {
    // Of a source that was away the other end may not have heard: it says that it receives.
    return started && channel.receiver === 'Yes' ? { do: 'nothing' } : { do: 'connect', channel };
  }
  // Only a promote changes sources, by GTID; who lives has seen it, or was changed by hand.
  if (!started || !gtid || MANY_SOURCES.has(shape)) return { do: 'nothing' };
  const own = GTIDS[replica.words.family].subtract(replica.executed, source.executed);
  return own === '' ? { do: 'follow' } : { do: 'part', own };
}
