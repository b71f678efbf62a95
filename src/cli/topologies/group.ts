import * as Flags from '@oclif/core/flags';
import type { InferredFlags } from '@oclif/core/interfaces';
import type { Settings } from '../../cluster/cluster.js';
import { mysqldFlags } from '../create-flags.js';

export const groupFlags = {
  ...mysqldFlags,
  'multi-primary': Flags.boolean({ summary: 'every member takes writes' }),
  'communication-stack': Flags.string({
    summary:
      'by what members talk: XCom on port 33061, which takes members and root alone, or the server itself on 3306, open to all users of the machine',
    options: ['xcom', 'mysql'],
    default: 'xcom',
  }),
};

export function groupSettings(flags: InferredFlags<typeof groupFlags>): Settings {
  return { multiPrimary: flags['multi-primary'], communicationStack: flags['communication-stack'] };
}
