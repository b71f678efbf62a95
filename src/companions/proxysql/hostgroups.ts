import { readTitle } from '../../cluster/server.js';
import { familyOf } from '../../servers/mysqld/dialects.js';
import { planMemory } from '../../servers/mysqld/memory.js';
import { valueOf } from '../../servers/mysqld/options.js';
import { requiresTls } from '../../servers/mysqld/tls.js';
import type { Front, Leading } from '../companion.js';

/** Those that dbns makes; all others are the user's. */
export const HOSTGROUPS = { writers: 10, readers: 11, standby: 12, offline: 19 } as const;

/** A row of mysql_servers. */
export interface ServerRow {
  readonly hostgroup: number;
  readonly address: string;
  readonly port: number;
  readonly status: string;
}

/** Such a row as it is to be. */
export interface WantedRow extends Omit<ServerRow, 'status'> {
  readonly name: string;
  readonly weight: number;
  readonly maxConnections: number;
  readonly useSsl: 0 | 1;
}

/**
 * Where servers come in whose hostgroup ProxySQL finds by itself: none of them gets writes until its monitor has seen that
 * it takes them.
 */
export function birthRows(front: Front): readonly WantedRow[] {
  return front.nodes.map((node) => rowOf(front, node, HOSTGROUPS.readers));
}

/** Where servers are whose hostgroup is told: who neither takes writes nor serves reads is out of the way. */
export function toldRows(front: Front, { writer, readers }: Leading): readonly WantedRow[] {
  return front.nodes.flatMap((node) => {
    const groups = [
      ...(node.name === writer ? [HOSTGROUPS.writers] : []),
      ...(readers.includes(node.name) ? [HOSTGROUPS.readers] : []),
    ];
    return (groups.length === 0 ? [HOSTGROUPS.offline] : groups).map((group) => rowOf(front, node, group));
  });
}

type FrontNode = Front['nodes'][number];

function rowOf(front: Front, node: FrontNode, hostgroup: number): WantedRow {
  return {
    hostgroup,
    name: node.name,
    address: node.address,
    port: node.ports.client ?? 0,
    weight: HEAVIEST - node.index,
    maxConnections: connectionsTo(front, node),
    useSsl: requiresTls(node.options) ? 1 : 0,
  };
}

/**
 * Of many that take writes ProxySQL takes the heaviest: node1 before node2, and whoever is added last. For reads a
 * difference of one in a million is none.
 */
const HEAVIEST = 1_000_000;

/**
 * Two fifths of what the server allows: it may stand in two hostgroups, and others come too. Source: ProxySQL opens up
 * to `max_connections` for each row of mysql_servers.
 */
function connectionsTo({ memory }: Front, { server, options }: FrontNode): number {
  const own = Number.parseInt(valueOf(options, 'max_connections') ?? '', 10);
  const allowed = own > 0 ? own : planMemory(memory, familyOf(readTitle(server))).connections;
  return Math.max(1, Math.floor((allowed * 2) / 5));
}
