import { rebuildNode } from '../lifecycle/change/rebuild.js';
import { promoteNode, type PromotionView } from '../lifecycle/running/promote-node.js';
import { removeNodes } from '../lifecycle/life/remove.js';
import { restartNodes } from '../lifecycle/running/restart.js';
import { setOptions, type SetView } from '../lifecycle/change/set.js';
import { upgradeNodes } from '../lifecycle/change/upgrade.js';
import { startNodes } from '../lifecycle/running/start.js';
import { stopNodes } from '../lifecycle/running/stop.js';
import type { VerbView } from '../lifecycle/running/verb.js';
import { contextOf, timeoutOf, type TimedCall } from './call.js';

// What both handles do to nodes of a cluster, by their names, and how long it may take where nothing is said.

/** A call that goes on whatever it means for others. */
export interface ForcedCall extends TimedCall {
  readonly force?: boolean | undefined;
}

export function start(cluster: string, names: readonly string[], call: TimedCall): Promise<VerbView> {
  return startNodes(cluster, names, { timeout: timeoutOf(call, '2m') }, contextOf(call));
}

export function stop(cluster: string, names: readonly string[], call: TimedCall): Promise<VerbView> {
  return stopNodes(cluster, names, { timeout: timeoutOf(call, '60s') }, contextOf(call));
}

export function restart(
  cluster: string,
  names: readonly string[],
  { rolling, ...call }: TimedCall & { readonly rolling: boolean },
): Promise<VerbView> {
  return restartNodes(cluster, names, { timeout: timeoutOf(call, '2m'), rolling }, contextOf(call));
}

export function promote(cluster: string, name: string, { force = false, ...call }: ForcedCall): Promise<PromotionView> {
  return promoteNode(cluster, name, { force, timeout: timeoutOf(call, '30s') }, contextOf(call));
}

export function remove(
  cluster: string,
  names: readonly string[],
  { force = false, ...call }: ForcedCall,
): Promise<VerbView> {
  return removeNodes(cluster, names, { force, timeout: timeoutOf(call, '2m') }, contextOf(call));
}

/** How a node is rebuilt. */
export interface RebuildCall extends TimedCall {
  /** Nothing is thrown away: the primary commits empty transactions for those that the node alone has. */
  readonly accept?: boolean | undefined;
}

export function rebuild(cluster: string, name: string, { accept = false, ...call }: RebuildCall): Promise<VerbView> {
  return rebuildNode(cluster, name, { accept, timeout: timeoutOf(call, '5m') }, contextOf(call));
}

/** How options are changed. */
export interface SetCall extends TimedCall {
  /** Names of nodes; all when absent. */
  readonly nodes?: readonly string[] | undefined;
  /** Nodes that take it at their start only are restarted, one at a time. */
  readonly rolling?: boolean | undefined;
}

export function set(
  cluster: string,
  options: Readonly<Record<string, string | number | null>>,
  { nodes = [], rolling = false, ...call }: SetCall,
): Promise<SetView> {
  const given = Object.entries(options);
  const request = {
    set: given.flatMap(([key, value]) => (value === null ? [] : [{ key, value: String(value) }])),
    unset: given.flatMap(([key, value]) => (value === null ? [key] : [])),
  };
  return setOptions(cluster, nodes, request, { rolling, timeout: timeoutOf(call, '2m') }, contextOf(call));
}

/** Which nodes are upgraded; all when absent. */
export interface UpgradeCall extends TimedCall {
  readonly nodes?: readonly string[] | undefined;
}

export function upgrade(cluster: string, image: string, { nodes = [], ...call }: UpgradeCall): Promise<VerbView> {
  return upgradeNodes(cluster, nodes, { image, timeout: timeoutOf(call, '5m') }, contextOf(call));
}
