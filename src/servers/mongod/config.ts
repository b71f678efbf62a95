import path from 'node:path';
import type { Cluster, Node } from '../../cluster/cluster.js';
import type { Step } from '../../cluster/plan.js';
import { render } from '../../templates/render.js';
import { keyFileOf } from './key.js';
import { cacheOf } from './memory.js';

const MIB = 1024 * 1024;

/** The oplog of a node whose user did not say otherwise, MiB: room for a test's writes. */
export const LEAN_OPLOG = 64;

/** What a member's mongod.conf says besides the node itself. */
export interface MemberConfig {
  readonly replicaSet: string;
  readonly clusterRole: 'shardsvr' | 'configsvr' | null;
  /** MiB */
  readonly oplogSize: number;
  readonly auth: boolean;
  readonly severalArbiters: boolean;
}

export function renderMongod(cluster: Cluster, node: Node, { auth, ...config }: MemberConfig): string {
  return render('mongod/mongod.conf', {
    ...subjectOf(cluster, node, auth),
    ...storageOf(`${node.directory}/data`, cluster.memory),
    ...config,
  });
}

/** `configServers`: SET/HOST:PORT,… */
export function renderMongos(cluster: Cluster, node: Node, configServers: string, auth: boolean): string {
  return render('mongod/mongos.conf', { ...subjectOf(cluster, node, auth), configServers });
}

/** The configuration of the starts that make a pristine directory. */
export function renderPristine(directory: string, oplogSize: number): string {
  return render('mongod/pristine.conf', {
    socketDirectory: `${directory}/run`,
    ...storageOf(`${directory}/data`, null),
    oplogSize,
  });
}

function subjectOf({ name, network }: Cluster, node: Node, auth: boolean) {
  return {
    cluster: { name },
    node,
    ipv6: network.ipv6 !== null,
    socketDirectory: path.dirname(node.socket),
    keyFile: auth ? keyFileOf(node) : null,
  };
}

function storageOf(data: string, budget: number | null) {
  return { data, budget, cacheMib: cacheOf(budget) / MIB };
}

/** Writes a node's configuration, and the key where there is one, which a server takes from nobody but its owner. */
export function configStep(node: Node, program: 'mongod' | 'mongos', content: string, key: string | null): Step {
  return {
    step: `write ${program}.conf of ${node.name}`,
    acts: [
      { do: 'write', path: `${node.directory}/${program}.conf`, content, mode: 0o644, owner: 'root' },
      ...(key === null
        ? []
        : [{ do: 'write', path: keyFileOf(node), content: key, mode: 0o600, owner: 'server' } as const]),
    ],
  };
}
