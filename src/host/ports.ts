import { once } from 'node:events';
import net from 'node:net';
import { hasCode } from './files.js';
import type { Machine } from './machine.js';

/** What a port of the machine is: free, somebody's, or at no address of the machine. */
export type PortState = 'free' | 'taken' | 'no address';

/** Looks by taking it for a moment; 0 is any that is free. */
export async function tryPort(
  address: string,
  port: number,
): Promise<{ readonly state: PortState; readonly port: number }> {
  const server = net.createServer();
  try {
    server.listen({ host: address, port, exclusive: true });
    await once(server, 'listening');
    const bound = server.address();
    return { state: 'free', port: typeof bound === 'object' && bound !== null ? bound.port : port };
  } catch (error) {
    if (hasCode(error, 'EADDRNOTAVAIL')) return { state: 'no address', port };
    if (hasCode(error, 'EADDRINUSE')) return { state: 'taken', port };
    throw error;
  } finally {
    server.close();
  }
}

/** Which programs listen at a port, as `mysqld (pid 4711)`; none where that can't be seen. */
export async function listenersAt(machine: Machine, port: number): Promise<readonly string[]> {
  if (machine.which('ss') === null) return [];
  const { stdout } = await machine.run(['ss', '-Hltnp', `sport = :${port}`], { allowFailure: true });
  const found = [...stdout.matchAll(/\("([^"]+)",pid=(\d+)/g)].map(
    ([, program = '', pid = '']) => `${program} (pid ${pid})`,
  );
  return [...new Set(found)];
}
