import type { Session } from '../../servers/mongod/client.js';

/** Milliseconds between two candidatures. */
const AGAIN = 1000;

/**
 * Whoever was primary last stands, for nobody else does before the ten seconds of an election timeout. The others vote
 * for it only when it has what they have.
 */
export function standing(): (session: Session) => Promise<void> {
  let next = 0;
  return async (session) => {
    if (Date.now() < next) return;
    next = Date.now() + AGAIN;
    await session.admin({ replSetStepUp: 1 }).catch(() => undefined);
  };
}
