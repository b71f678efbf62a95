import type { Node } from '../../cluster/cluster.js';
import { atPort } from '../../cluster/family.js';
import { UsageError } from '../../errors/errors.js';
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
  /** What the client begins with; null is the driver's own choice. */
  readonly database: string | null;
  /** Whom it reads from; null is the driver's own choice, the primary. */
  readonly readPreference: string | null;
}

/** Drivers discover all members by this one URI, for members are known by address. */
export function connectionTo({ nodes, replicaSet, direct, password, database, readPreference }: Seeds) {
  const options = new URLSearchParams({
    ...(replicaSet !== null && { replicaSet }),
    ...(direct && { directConnection: 'true' }),
    ...(!direct && readPreference !== null && { readPreference }),
    ...(password !== null && { authSource: 'admin' }),
  }).toString();
  const login = password === null ? '' : `${ACCOUNT}:${encodeURIComponent(password)}@`;
  const hosts = nodes.map(({ address, ports }) => atPort(address, ports.client));
  const path = encodeURIComponent(database ?? '');
  const uri = `mongodb://${login}${hosts.join(',')}/${path}${options === '' ? '' : `?${options}`}`;
  return {
    uri,
    host: nodes[0]?.address ?? '',
    port: nodes[0]?.ports.client ?? PORT,
    hosts,
    user: password === null ? '' : ACCOUNT,
    password: password ?? '',
    database,
    ca: null,
    env: { MONGODB_URI: uri },
  };
}

/** @throws UsageError for what no server takes as a name. Source: the manual's "Naming Restrictions". */
export function assertDatabase(name: string): void {
  if (/^[^\p{Cc}/\\. "$*<>:|?]{1,63}$/u.test(name)) return;
  throw new UsageError(
    `--database '${name}': a database's name has 1 to 63 characters, and none of / \\ . " $ * < > : | ? or space.`,
  );
}

/** The same account, told over the network, for its check. */
export function accountOf(password: string | null) {
  return password === null ? null : ({ user: ACCOUNT, password, source: 'admin' } as const);
}
