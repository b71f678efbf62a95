import type { Node } from '../../cluster/cluster.js';
import { PORT } from './pristine.js';

/** The one account of a cluster with --auth. */
export const ACCOUNT = 'dbns';

/** Whom a client asks, and what it must know of them. */
export interface Seeds {
  readonly nodes: readonly Node[];
  /** The set that is to be discovered from them; null for servers that are asked as they are. */
  readonly replicaSet: string | null;
  readonly direct: boolean;
  /** Null where everybody may come in. */
  readonly password: string | null;
}

/** Drivers discover all members by this one URI, for members are known by address. */
export function connectionTo({ nodes, replicaSet, direct, password }: Seeds) {
  const options = new URLSearchParams({
    ...(replicaSet !== null && { replicaSet }),
    ...(direct && { directConnection: 'true' }),
    ...(password !== null && { authSource: 'admin' }),
  }).toString();
  const login = password === null ? '' : `${ACCOUNT}:${encodeURIComponent(password)}@`;
  const hosts = nodes.map(({ address }) => `${address}:${PORT}`).join(',');
  const uri = `mongodb://${login}${hosts}/${options === '' ? '' : `?${options}`}`;
  return {
    uri,
    host: nodes[0]?.address ?? '',
    port: PORT,
    user: password === null ? '' : ACCOUNT,
    password: password ?? '',
    env: { MONGODB_URI: uri },
  };
}

/** The same account, told over the network, for its check. */
export function accountOf(password: string | null) {
  return password === null ? null : ({ user: ACCOUNT, password, source: 'admin' } as const);
}
