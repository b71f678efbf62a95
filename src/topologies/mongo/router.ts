import type { Document, Session } from '../../servers/mongod/client.js';

/** What a router says of the sharded cluster. */
export interface Router {
  /** Names of the shards. */
  readonly shards: readonly string[];
  /** Namespace of a sharded collection → its chunks. */
  readonly chunks: Readonly<Record<string, number>>;
  /** `full`, `off` … */
  readonly balancer: string;
  /** A round of the balancer is going on. */
  readonly balancing: boolean;
}

export async function askRouter(session: Session): Promise<Router> {
  const { shards } = await session.admin({ listShards: 1 });
  const { mode, inBalancerRound } = await session.admin({ balancerStatus: 1 });
  const config = session.db('config');
  const collections = await config
    .collection('collections')
    .find({ dropped: { $ne: true } })
    .toArray();
  const counts = await config
    .collection('chunks')
    .aggregate([{ $group: { _id: { $ifNull: ['$ns', '$uuid'] }, chunks: { $sum: 1 } } }])
    .toArray();
  return {
    shards: (shards as readonly Document[]).map(({ _id }) => String(_id)),
    chunks: readChunks(collections, counts),
    balancer: String(mode),
    balancing: inBalancerRound === true,
  };
}

/** Until 4.4 a chunk names its collection, from 5.0 on its UUID. */
export function readChunks(
  collections: readonly Document[],
  counts: readonly Document[],
): Readonly<Record<string, number>> {
  const names = new Map(
    collections.flatMap(({ _id, uuid }) => [[String(_id), String(_id)] as const, [String(uuid), String(_id)] as const]),
  );
  return Object.fromEntries(
    counts.flatMap(({ _id, chunks }): [string, number][] => {
      const name = names.get(String(_id));
      return name === undefined || name.startsWith('config.') ? [] : [[name, Number(chunks)]];
    }),
  );
}
