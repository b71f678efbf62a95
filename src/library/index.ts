/** Handles of clusters and nodes, for programs and test suites. */
export type { Duration } from '../cluster/duration.js';
export type { LeaseRequest } from '../lifecycle/lease.js';
export type { Call, TimedCall } from './call.js';
export type { AddWords, Cluster, ConnectionWords, LoadWords } from './cluster.js';
export { createCluster, openCluster, type ClusterWords } from './create.js';
export type { Lasting, PartitionWords, SlowWords } from './faults.js';
export type { Node, NodeConnectionWords } from './node.js';
export type { ForcedCall, RebuildCall, SetCall, UpgradeCall } from './verbs.js';
