import type { ServerOption } from '../../cluster/cluster.js';
import { atLeast, serverTitle, type ServerBuild } from '../../cluster/server.js';
import { UsageError } from '../../errors/errors.js';
import { dialectNamed } from './dialects.js';
import { isOn } from './option-name.js';
import { valueOf } from './options.js';

/** Whether the servers take nobody who comes by TCP without TLS. */
export function requiresTls(options: readonly ServerOption[]): boolean {
  const value = valueOf(options, 'require_secure_transport');
  return value !== null && isOn(value);
}

/** @throws UsageError when TLS is required of a server that has no certificate: nobody could come in. */
export function assertTls(servers: Iterable<ServerBuild>, options: readonly ServerOption[]): void {
  if (!requiresTls(options) || valueOf(options, 'ssl_cert') !== null) return;
  for (const server of servers) {
    const { certificateAtStartSince: since } = dialectNamed(server.dialect);
    if (since === null || atLeast(server.version, since)) continue;
    throw new UsageError(
      `require_secure_transport needs TLS, and ${serverTitle(server)} has no certificate of its own: give it ssl_cert and ssl_key, or an image of ${server.dialect} ${since} or later.`,
    );
  }
}
