import type { Said } from '../../servers/log.js';
import type { Transitions } from '../transitions.js';
import { SERVING } from './member.js';

/** The state of a member that serves is its role. */
function became([after = '', before = '']: readonly string[]): readonly Said[] {
  const role = SERVING.has(after) ? [{ what: 'role', after: after.toLowerCase() }] : [];
  return [{ what: 'state', before, after }, ...role];
}

export const transitions: Transitions = {
  words: [
    { what: 'state', key: 'state' },
    { what: 'primary', key: 'primary' },
    { what: 'shards', key: 'shards' },
  ],
  meanings: () => [
    {
      words: /\] transition to ([A-Z][A-Z0-9_]+) from ([A-Z][A-Z0-9_]+)/,
      says: became,
    },
    {
      // Since 4.4.
      words: /"msg":"Replica set state transition","attr":\{"newState":"(\w+)","oldState":"(\w+)"/,
      says: became,
    },
  ],
};
