import type { Node } from '../../cluster/cluster.js';
import type { Plan } from '../../cluster/plan.js';
import type { Setting } from '../topology.js';
import { backupPlan } from './backup.js';
import { clonePlan } from './clone.js';
import { nodeNamed, wordsFor } from './nodes.js';
import type { LogPosition } from './state.js';

/** A newcomer that gets what another node has. */
export interface Copy {
  readonly setting: Setting;
  readonly node: Node;
  readonly of: Node;
  /** By name of a source, where it stood when the copy was taken: filled in by the plan. */
  readonly stood: Map<string, LogPosition>;
}

/** Starts a newcomer with a copy of a node's data; it replicates from nobody yet. */
export function copyPlan(setting: Setting, name: string, of: string, stood: Copy['stood']): Plan {
  const copy = { setting, node: nodeNamed(setting, name), of: nodeNamed(setting, of), stood };
  const plan = wordsFor(setting, copy.node).family === 'mysql' ? clonePlan(copy) : backupPlan(copy);
  return { title: `copy ${of} to ${name}`, sequence: [plan] };
}

/** Remembers where a node's own source stood, known by its address. */
export function remember({ setting, stood }: Copy, address: string, position?: LogPosition): void {
  const source = setting.cluster.nodes.find((node) => node.address === address);
  if (source !== undefined && position !== undefined && position.file !== '') stood.set(source.name, position);
}
