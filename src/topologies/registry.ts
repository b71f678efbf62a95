import { group } from './group/group.js';
import { mongo } from './mongo/mongo.js';
import { pxc } from './pxc/pxc.js';
import { replication } from './replication/replication.js';
import type { Topology } from './topology.js';

/** All topologies: a new one is a folder and a line here. */
const TOPOLOGIES: readonly Topology[] = [pxc, replication, group, mongo];

/** The topology of a saved cluster, or of a command. */
export function topologyNamed(name: string): Topology {
  const found = TOPOLOGIES.find((topology) => topology.name === name);
  if (found === undefined) throw new Error(`there is no topology '${name}'`);
  return found;
}
