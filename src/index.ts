/**
 * dbns as a library: handles of clusters and nodes, which call what the commands call; that, for who wants it as it is; and the
 * nouns that they speak of. Errors are known by their `code`.
 */
export * from './library/index.js';
export { makeCluster, type CreateOptions } from './lifecycle/birth/create.js';
export { planCreate } from './lifecycle/birth/dry-run.js';
export type { DryRun } from './lifecycle/dry-run.js';
export { startStandby, type StandbyRequest } from './lifecycle/birth/standby/start.js';
export { stopStandbys, type StoppedStandby } from './lifecycle/birth/standby/stop.js';
export { listStandbys, type StandbyCluster, type StandbyView } from './lifecycle/standbys.js';
export { leaseCluster } from './lifecycle/life/lease.js';
export { destroyAll, destroyCluster } from './lifecycle/life/destroy.js';
export { promoteNode, type PromoteOptions, type PromotionView } from './lifecycle/running/promote-node.js';
export { startNodes, type StartOptions } from './lifecycle/running/start.js';
export { stopNodes, type StopOptions } from './lifecycle/running/stop.js';
export { addNodes, type AddOptions } from './lifecycle/life/add.js';
export type { AddRequest } from './lifecycle/growth/come.js';
export { rebuildNode, type RebuildOptions } from './lifecycle/change/rebuild.js';
export { optionsOf, type OptionRow, type OptionsRequest, type OptionsView } from './lifecycle/change/options.js';
export { setOptions, type SetOptions, type SetRequest, type SetView } from './lifecycle/change/set.js';
export { upgradeNodes, type UpgradeRequest } from './lifecycle/change/upgrade.js';
export { removeNodes, type RemoveOptions } from './lifecycle/life/remove.js';
export { resetCluster, type ResetOptions } from './lifecycle/life/reset.js';
export { restartNodes, type RestartOptions } from './lifecycle/running/restart.js';
export { killNodes, pauseNodes, resumeNodes } from './lifecycle/running/signal.js';
export type { Outcome, VerbView } from './lifecycle/running/verb.js';
export { waitFor, type WaitRequest } from './lifecycle/life/wait.js';
export { conditionOf, type Condition } from './lifecycle/life/condition.js';
export { choose, type Choice, type Chosen } from './lifecycle/choose.js';
export { statusOf } from './lifecycle/status.js';
export { listClusters } from './lifecycle/life/list.js';
export { connectionTo, writeConnection, type ConnectionRequest } from './lifecycle/reach/connect.js';
export { clientOnNodes, openClient, type ClientCall, type ClientWords } from './lifecycle/reach/client.js';
export { openShell, runTool, type ShellCall, type ToolCall } from './lifecycle/reach/tool.js';
export { load, type LoadRequest, type LoadView } from './lifecycle/data/load.js';
export { dump, type DumpRequest, type DumpView } from './lifecycle/data/dump.js';
export { execOnNode, execOnNodes } from './lifecycle/reach/exec.js';
export { capture, type CaptureCall } from './lifecycle/network/capture.js';
export { expose, unexpose, type ExposeRequest, type UnexposeRequest } from './lifecycle/rules/expose.js';
export { linkClusters, unlinkClusters, type LinkMade, type LinkRequest } from './lifecycle/rules/link.js';
export { attachTo, type AttachRequest, type AttachView } from './lifecycle/rules/attach.js';
export { detachFrom, type DetachView } from './lifecycle/rules/detach.js';
export { partition, type PartitionRequest } from './lifecycle/faults/partition.js';
export { slow, type SlowRequest } from './lifecycle/faults/slow.js';
export { cutEach } from './lifecycle/faults/cut.js';
export { harmEach } from './lifecycle/faults/harm.js';
export { heal, type HealRequest, type HealView } from './lifecycle/faults/heal.js';
export { listFaults, type ClusterFaults } from './lifecycle/faults/list.js';
export { matrix, type MatrixView } from './lifecycle/faults/matrix.js';
export { networksOf } from './lifecycle/network/network.js';
export type { ClusterNetworks, Endpoint, NetworkReport } from './lifecycle/network/view.js';
export { diagnose } from './lifecycle/doctor/doctor.js';
export { events, type EventsRequest } from './lab/events.js';
export type { ClusterEvent, Transition, VerbEvent } from './cluster/event.js';
export { readLogs } from './lifecycle/reach/logs.js';
export {
  listImages,
  pullImage,
  removeImage,
  type ImagePullOptions,
  type ListedImage,
  type PulledImage,
} from './lifecycle/images/images.js';
export { findPrunable, pruneImages, type Prunable } from './lifecycle/images/prune.js';
export { localMachine } from './lifecycle/context.js';
export type { Observer } from './lifecycle/apply.js';
export type { Context } from './lifecycle/context.js';
export type { ClusterSpec } from './cluster/cluster.js';
export type { ClusterView, FaultView, NetworkView, NodeView, ProcessState } from './lifecycle/view.js';
export type { Machine } from './host/machine.js';
export type { Step } from './cluster/plan.js';
export * from './errors/errors.js';
