import type { Said } from '../../servers/log.js';
import type { Transitions } from '../transitions.js';

/** What a member sees of another. */
const sees = (of: string, after: string | null): Said => ({ what: 'sees', of, after });

/** By the numbers of the plugin's messages. Source: MySQL "Server Error Message Reference", ER_GRP_RPL_…. */
export const transitions: Transitions = {
  words: [
    { what: 'state', key: 'state', why: 'error' },
    { what: 'quorum', key: 'quorum' },
    { what: 'sees', key: 'state', list: { key: 'members', of: 'node' } },
  ],
  meanings: (nameOf) => [
    { words: /\[MY-011490\]/, says: () => ({ what: 'state', after: 'ONLINE' }) },
    {
      words: /\[MY-011505\]/,
      says: () => ({ what: 'state', after: 'ERROR', why: 'expelled from the group' }),
    },
    { words: /\[MY-011495\]/, says: () => ({ what: 'quorum', after: 'false' }) },
    { words: /\[MY-011498\]/, says: () => ({ what: 'quorum', after: 'true' }) },
    { words: /\[MY-011510\]/, says: () => ({ what: 'role', after: 'primary' }) },
    { words: /\[MY-011511\]/, says: () => ({ what: 'role', after: 'secondary' }) },
    { words: /\[MY-011492\].* address (\S+) was/, says: ([address = '']) => sees(nameOf(address), 'ONLINE') },
    { words: /\[MY-011493\].* address (\S+) has/, says: ([address = '']) => sees(nameOf(address), 'UNREACHABLE') },
    { words: /\[MY-011494\].* address (\S+) is/, says: ([address = '']) => sees(nameOf(address), 'ONLINE') },
    {
      words: /\[MY-011499\].* from the group: ([^']+)/,
      says: ([addresses = '']) => addresses.split(', ').map((address) => sees(nameOf(address), null)),
    },
  ],
};
