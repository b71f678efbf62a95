import type { ClusterSpec, Node, ServerOption } from '../../cluster/cluster.js';
import { readTitle } from '../../cluster/server.js';
import { ask, rootAt } from './client.js';
import { familyOf, type Family } from './dialects.js';
import { isOn } from './option-name.js';
import { valueOf } from './options.js';
import { numberOf } from '../said.js';

/** Servers refuse by this option who comes without. */
const REQUIRED: ServerOption = { key: 'require_secure_transport', value: 'ON' };

/** What is asked for, with the options that TLS itself needs. */
export function withTlsOptions(spec: ClusterSpec): ClusterSpec {
  return spec.tls === 'required' ? { ...spec, options: [REQUIRED, ...(spec.options ?? [])] } : spec;
}

/** Whether the servers take nobody who comes by TCP without TLS. */
export function requiresTls(options: readonly ServerOption[]): boolean {
  const value = valueOf(options, 'require_secure_transport');
  return value !== null && isOn(value);
}

/** Sources: refman "ALTER INSTANCE"; mariadb.com/kb "FLUSH". */
const RELOAD: Readonly<Record<Family, string>> = {
  mysql: 'ALTER INSTANCE RELOAD TLS',
  // LOCAL: else it is in the binary log, and a replica has a transaction that its source never had.
  mariadb: 'FLUSH LOCAL SSL',
};

/** What a node of Galera says while it is in no primary component (ER_UNKNOWN_COM_ERROR): but for what is told it alone. */
const NOT_PREPARED = 1047;
const ALONE = 'SET SESSION wsrep_on = OFF';

/** Makes a server that runs read its certificate anew: who comes from then on sees that one. */
export async function reloadTls({ socket, server }: Pick<Node, 'socket' | 'server'>, timeout: number): Promise<void> {
  const statement = RELOAD[familyOf(readTitle(server))];
  await ask(rootAt(socket), timeout, (session) =>
    session.query(statement).catch(async (error: unknown) => {
      if (numberOf(error) !== NOT_PREPARED) throw error;
      await session.query(ALONE);
      await session.query(statement);
    }),
  );
}
