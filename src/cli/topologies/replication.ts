import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import type { Settings } from '../../cluster/cluster.js';
import { mysqldFlags } from '../create-flags.js';
import { byNode, delaysByNode } from '../values.js';

export const replicationFlags = {
  ...mysqldFlags,
  shape: Flags.string({
    summary: 'who replicates from whom',
    options: ['star', 'chain', 'ring', 'fan-in', 'all-masters'],
    default: 'star',
  }),
  gtid: Flags.boolean({
    summary: 'go by global transaction identifiers; --no-gtid: by file and position',
    default: true,
    allowNo: true,
  }),
  'semi-sync': Flags.boolean({ summary: 'commits wait until one replica has received them' }),
  delay: Flags.string({
    summary: 'let a replica apply that much later, e.g. node3=60s (repeatable)',
    helpValue: 'NODE=DURATION',
    multiple: true,
    multipleNonGreedy: true,
  }),
  filter: Flags.string({
    summary:
      'let a replica apply these tables alone, e.g. node2=db1.% (repeatable); who replicates from it gets no more',
    helpValue: 'NODE=DB.TABLE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'parallel-workers': Flags.integer({
    summary:
      "threads that apply on each replica; when absent the server's default, and one among all masters of MySQL by GTID",
  }),
};

export function replicationSettings(flags: InferredFlags<typeof replicationFlags>): Settings {
  const filters = byNode('--filter', flags.filter ?? []);
  return {
    shape: flags.shape,
    gtid: flags.gtid,
    semiSync: flags['semi-sync'],
    workers: flags['parallel-workers'] ?? null,
    delays: delaysByNode(flags.delay ?? []),
    filters: Object.fromEntries(
      filters.map(([node]) => [node, filters.filter(([other]) => other === node).map(([, pattern]) => pattern)]),
    ),
  };
}
