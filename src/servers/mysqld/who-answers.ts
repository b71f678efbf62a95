import { ACCOUNT } from './connection.js';
import { ask } from './client.js';

/** An address at which a server answers, perhaps by way of a proxy. */
export interface At {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly tls: boolean;
  readonly what: 'writes' | 'reads';
}

/**
 * The host name of the server that answers there the account of the cluster: a node's name. In a transaction it is who takes
 * writes, for a proxy that leads reads elsewhere can't know what comes next.
 */
export async function whoAnswers({ host, port, password, tls, what }: At, timeout: number): Promise<string> {
  return ask({ host, port, user: ACCOUNT, password, tls }, timeout, async (session) => {
    if (what === 'writes') await session.query('START TRANSACTION');
    const [row] = await session.query('SELECT @@hostname AS name');
    return String(row?.name);
  });
}
