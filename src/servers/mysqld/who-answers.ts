import { ACCOUNT } from './connection.js';
import { ask } from './client.js';

/** An address at which a server answers, perhaps by way of a proxy. */
export interface At {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly tls: boolean;
}

/** The host name of the server that answers there the account of the cluster: a node's name. */
export async function whoAnswers({ host, port, password, tls }: At, timeout: number): Promise<string> {
  return ask({ host, port, user: ACCOUNT, password, tls }, timeout, async (session) => {
    const [row] = await session.query('SELECT @@hostname AS name');
    return String(row?.name);
  });
}
