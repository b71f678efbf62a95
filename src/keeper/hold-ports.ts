import { once } from 'node:events';
import net from 'node:net';
import { exposureName, type Exposure } from '../cluster/rules.js';
import { messageOf } from '../errors/errors.js';
import type { Kept } from './kept.js';

/**
 * Holds ports of the machine, so that no program takes one of which it would get no packet: those go to the nodes before
 * anybody listens. Who gets through to here, because nobody takes writes yet, is turned away.
 */
export function portHolder() {
  const held = new Map<string, net.Server>();
  return {
    /** Holds these ports and no others. */
    async hold(ports: readonly Exposure[]): Promise<Kept> {
      const wanted = new Set(ports.map(exposureName));
      for (const [name, server] of held) if (!wanted.has(name)) await letGo(held, name, server);
      const kept = new Map<string, string | null>();
      for (const port of ports) kept.set(exposureName(port), await holdOne(held, port));
      return kept;
    },
  };
}

/** Why it can't be held; null when it is. */
async function holdOne(held: Map<string, net.Server>, exposure: Exposure): Promise<string | null> {
  const name = exposureName(exposure);
  if (held.has(name)) return null;
  const server = net.createServer((socket) => socket.destroy());
  try {
    server.listen({ host: exposure.bind, port: exposure.hostPort, exclusive: true });
    await once(server, 'listening');
    held.set(name, server);
    return null;
  } catch (error) {
    return `it can't be held: ${messageOf(error)}`;
  }
}

async function letGo(held: Map<string, net.Server>, name: string, server: net.Server): Promise<void> {
  held.delete(name);
  server.close();
  await once(server, 'close');
}
