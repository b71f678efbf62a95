import type { Machine } from '../host/machine.js';
import type { ServerProcess } from '../process/find.js';

/**
 * Of the time that it had to answer, the share that a server is at work if it is slow and does not hang. Measured over
 * seconds, ten busy processes on two cores: servers that idle come to 4 per cent, one that can't get on to 100.
 */
const AT_WORK = 0.1;

export type IsAtWork = (server: ServerProcess) => boolean;

/** From now on looks which servers are at work. */
export function watchWork({ processes }: Machine, servers: readonly ServerProcess[], timeout: number): IsAtWork {
  const workOf = ({ pid }: ServerProcess) => (pid === null ? 0 : processes.workOf(pid));
  const before = new Map(servers.map((server) => [server, workOf(server)]));
  return (server) => workOf(server) - (before.get(server) ?? 0) >= AT_WORK * timeout;
}
