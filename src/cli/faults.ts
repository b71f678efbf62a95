import * as Flags from '@oclif/core/flags';
import { CHANNELS } from '../cluster/fault.js';
import type { FaultView } from '../lifecycle/view.js';
import { parseDuration } from '../cluster/duration.js';

/** When a fault ends by itself. */
export const lastsFlag = {
  for: Flags.string({ summary: "when it ends by itself, e.g. 30s; else 'heal' ends it", helpValue: 'DURATION' }),
};

/** Milliseconds; null has no end. */
export function lasts({ for: text }: { readonly for?: string | undefined }): number | null {
  return text === undefined ? null : parseDuration(text);
}

export const channelFlag = {
  channel: Flags.option({ options: [...CHANNELS, 'all'] as const })({
    summary: 'only what belongs to it; replication is what servers say to each other, client what others ask them',
    default: 'all',
  }),
};

/** `f1  partition  packets between node1 and node2, node3; 12 s left; took 40 packets` */
export function faultText({ id, kind, takes, left, taken }: FaultView): string {
  const end = left === null ? '' : `; ${seconds(left)} left`;
  const count = taken === null ? '' : `; took ${taken.packets} packets`;
  return `${id}  ${kind}  ${takes}${end}${count}`;
}

function seconds(milliseconds: number): string {
  return `${milliseconds < 10_000 ? (milliseconds / 1000).toFixed(1) : Math.round(milliseconds / 1000)} s`;
}
