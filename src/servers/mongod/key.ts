import { createHash } from 'node:crypto';
import type { Node } from '../../cluster/cluster.js';
import type { Account } from './client.js';

/** The key that members show each other; it follows from the cluster's password, and does not tell it. */
export function keyOf(clusterId: string, password: string): string {
  return createHash('sha512').update(`dbns ${clusterId} ${password}`).digest('base64');
}

/** Where a node's key file is, for its server alone. */
export function keyFileOf({ directory }: Pick<Node, 'directory'>): string {
  return `${directory}/keyfile`;
}

/** Who shows the key may do everything, on arbiters too, which know no accounts. */
export function memberAccount(key: string): Account {
  return { user: '__system', password: key.replace(/\s/g, ''), source: 'local' };
}
