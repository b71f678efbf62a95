import type { ServerBuild } from '../../cluster/server.js';
import type { Document, Session } from './client.js';
import { has } from './capabilities.js';

/** What a server says of itself when it is greeted. */
export interface Greeting {
  readonly isWritablePrimary: boolean;
  readonly isSecondary: boolean;
  readonly isArbiter: boolean;
  /** HOST:PORT of the primary that it sees. */
  readonly primary: string | null;
  /** Version of its set's configuration. */
  readonly configVersion: number | null;
}

export async function hello(session: Session, server: Pick<ServerBuild, 'version'>): Promise<Greeting> {
  const said = await session.admin(has(server, 'hello') ? { hello: 1 } : { isMaster: 1 });
  return {
    isWritablePrimary: (said.isWritablePrimary ?? said.ismaster) === true,
    isSecondary: said.secondary === true,
    isArbiter: said.arbiterOnly === true,
    primary: typeof said.primary === 'string' ? said.primary : null,
    configVersion: typeof said.setVersion === 'number' ? said.setVersion : null,
  };
}

/** The configuration of a member's set as the member has it. */
export async function replicaSetConfig(session: Session): Promise<Document> {
  const { config } = await session.admin({ replSetGetConfig: 1 });
  return config as Document;
}
