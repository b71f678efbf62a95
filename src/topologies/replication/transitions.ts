import type { Said } from '../../servers/log.js';
import type { Transitions } from '../transitions.js';

const receiver = (after: string, of: string): Said => ({ what: 'receiver', after, of });
/** These lines do not all name the source: none is told. */
const applier = (after: string, why?: string): Said => ({ what: 'applier', after, why: why ?? null });

/** The threads of a replica, as `SHOW REPLICA STATUS` and `SHOW ALL SLAVES STATUS` say it. */
export const transitions: Transitions = {
  words: [
    { what: 'receiver', key: 'receiver', list: { key: 'channels', of: 'source' }, why: 'error' },
    { what: 'applier', key: 'applier', list: { key: 'channels', of: 'source' }, why: 'error' },
    { what: 'read-only', key: 'readOnly' },
  ],
  meanings: (nameOf) => [
    // MySQL
    {
      words: /\[MY-014002\].*connected to source '[^']*@([^']+)'/,
      says: ([address = '']) => receiver('Yes', nameOf(address)),
    },
    {
      words: /Replica I\/O for channel .*'[^']*@([^']+)'/,
      says: ([address = '']) => receiver('Connecting', nameOf(address)),
    },
    { words: /\[ERROR\].*Replica SQL for channel '[^']*': (.*)/, says: ([why]) => applier('No', why) },
    // MariaDB
    {
      words: /Slave I\/O thread: connected to master '[^']*@([^']+)'/,
      says: ([address = '']) => receiver('Yes', nameOf(address)),
    },
    {
      words: /Slave I\/O: error (?:re)?connecting to master '[^']*@([^']+)'/,
      says: ([address = '']) => receiver('Connecting', nameOf(address)),
    },
    {
      words: /Slave I\/O thread exiting.*master:? ([\d.]+:\d+)/,
      says: ([address = '']) => receiver('No', nameOf(address)),
    },
    { words: /Slave SQL thread initialized/, says: () => applier('Yes') },
    { words: /Slave SQL thread exiting/, says: () => applier('No') },
  ],
};
