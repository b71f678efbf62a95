import { namesOf, type Node } from '../../cluster/cluster.js';
import type { Step } from '../../cluster/plan.js';
import { waitUntil } from '../../servers/wait.js';
import { askStatus } from './status.js';

/** ms: one that was killed is suspected for five seconds first, at Galera's own periods. */
const PATIENCE = 8000;

/**
 * Waits until those that stand have taken leave of others. Who comes back before that is forgotten together with what it was,
 * and let in three seconds later (`gmcast.peer_timeout`; measured). One that they do not let go is waited for no longer than
 * a while, and nothing fails for it.
 */
export function goneStep(standing: readonly Node[], gone: readonly Node[]): Step {
  const [who, whom] = [namesOf(standing), namesOf(gone)];
  const addresses = gone.map(({ address }) => address);
  const amiss = `${whom} ${gone.length === 1 ? 'is' : 'are'} still in the view of ${who}.`;
  return {
    step: `wait until ${whom} ${gone.length === 1 ? 'has' : 'have'} left the view of ${who}`,
    acts: [
      {
        do: 'ask',
        what: `${who} over their sockets, ${PATIENCE / 1000} s at most: wsrep_incoming_addresses has none of ${addresses.join(', ')}`,
        ask: async (context) => {
          const end = Date.now() + PATIENCE;
          await waitUntil(context, async () => {
            if (Date.now() >= Math.min(end, context.deadline)) return null;
            const seen = await Promise.all(standing.map((node) => seenBy(node).catch(() => [])));
            return seen.flat().some((address) => addresses.includes(address)) ? amiss : null;
          });
        },
      },
    ],
  };
}

/** The addresses of those that a node has in its view. */
async function seenBy({ socket }: Node): Promise<readonly string[]> {
  const { wsrep_incoming_addresses: said = '' } = await askStatus(socket);
  return said.split(',').map((text) => text.replace(/:\d+$/, ''));
}
