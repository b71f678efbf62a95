import type { Node } from '../../../cluster/cluster.js';
import type { AskContext } from '../../../cluster/plan.js';
import { NotReadyError, messageOf } from '../../../errors/errors.js';
import type { Setting } from '../../topology.js';
import type { LogPosition } from '../state.js';

/** A newcomer that gets what another node has. */
export interface Copy {
  readonly setting: Setting;
  readonly node: Node;
  readonly of: Node;
  /** By name of a source, where it stood when the copy was taken: filled in by the plan. */
  readonly stood: Map<string, LogPosition>;
}

/** Remembers where a source stood that is known by its address. */
export function remember({ setting, stood }: Copy, address: string, position?: LogPosition): void {
  const source = setting.cluster.nodes.find((node) => node.address === address);
  if (source !== undefined && position !== undefined && position.file !== '') stood.set(source.name, position);
}

/**
 * Waits for a copy that is being taken, however long it takes: whoever does not want to wait any more ends it.
 * @throws NotReadyError when it failed, or did not end in time; the signal's reason when aborted.
 */
export async function whenCopied(
  { of }: Copy,
  { signal, deadline }: AskContext,
  take: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const late = AbortSignal.timeout(Math.min(Math.max(deadline - Date.now(), 0), 2 ** 31 - 1));
  try {
    await take(AbortSignal.any([signal, late]));
  } catch (error) {
    signal.throwIfAborted();
    const why = late.aborted ? 'it did not end in time' : messageOf(error);
    throw new NotReadyError(`${of.name} could not be copied: ${why}.`, { cause: error });
  }
}
