import { promoteNode, type PromotionView } from '../lifecycle/life/promote.js';
import { removeNodes } from '../lifecycle/life/remove.js';
import { restartNodes } from '../lifecycle/life/restart.js';
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
