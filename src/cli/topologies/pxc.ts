import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import type { Settings } from '../../cluster/cluster.js';
import { mysqldFlags } from '../create-flags.js';

export const pxcFlags = {
  ...mysqldFlags,
  sst: Flags.string({
    summary: "how a node that joins takes all data over: MariaDB's by rsync, unless you say mariabackup",
    options: ['rsync', 'mariabackup'],
  }),
};

export function pxcSettings({ sst }: InferredFlags<typeof pxcFlags>): Settings {
  return { sst: sst ?? null };
}
