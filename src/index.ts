/** dbns as a library: what the commands call, and the nouns that they speak of. */
export { createCluster, type CreateOptions } from './lifecycle/create.js';
export { planCreate, type DryRun } from './lifecycle/dry-run.js';
export { destroyAll, destroyCluster } from './lifecycle/destroy.js';
export { promoteNode, type PromoteOptions, type PromotionView } from './lifecycle/promote.js';
export { statusOf } from './lifecycle/status.js';
export { listClusters } from './lifecycle/list.js';
export { connectionTo, openClient } from './lifecycle/connect.js';
export { execOnNode } from './lifecycle/exec.js';
export { diagnose } from './lifecycle/doctor/doctor.js';
export { readLogs } from './lifecycle/logs.js';
export {
  listImages,
  pullImage,
  removeImage,
  type ImagePullOptions,
  type ListedImage,
  type PulledImage,
} from './lifecycle/images.js';
export { findPrunable, pruneImages, type Prunable } from './lifecycle/prune.js';
export { localMachine } from './lifecycle/context.js';
export type { Observer } from './lifecycle/apply.js';
export type { Context } from './lifecycle/context.js';
export type { ClusterSpec } from './cluster/cluster.js';
export type { ClusterView, NetworkView, NodeView, ProcessState } from './lifecycle/view.js';
export type { Machine } from './host/machine.js';
export type { Step } from './cluster/plan.js';
export * from './errors/errors.js';
