import type { Transitions } from '../transitions.js';

/** Galera's word in its log → the one in `wsrep_local_state_comment`. */
const STATES: Readonly<Record<string, string>> = {
  CLOSED: 'Initialized',
  OPEN: 'Initialized',
  PRIMARY: 'Joining',
  JOINER: 'Joining',
  JOINED: 'Joined',
  SYNCED: 'Synced',
  'DONOR/DESYNCED': 'Donor/Desynced',
};

export const transitions: Transitions = {
  words: [
    { what: 'state', key: 'state' },
    { what: 'cluster', key: 'clusterStatus' },
    { what: 'size', key: 'clusterSize' },
  ],
  meanings: () => [
    {
      words: /WSREP: Shifting (\S+) -> (\S+)/,
      says: ([before = '', after = '']) => ({
        ...{ what: 'state', before: STATES[before] ?? before, after: STATES[after] ?? after },
      }),
    },
    {
      words: /WSREP: New COMPONENT: primary = (yes|no),.* memb_num = (\d+)/,
      says: ([primary, size = '']) => [
        { what: 'cluster', after: primary === 'yes' ? 'Primary' : 'non-Primary' },
        { what: 'size', after: size },
      ],
    },
  ],
};
