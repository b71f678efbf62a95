import { atLeast, type ServerBuild } from '../../cluster/server.js';

/** What servers of some versions have and others have not. Source: MongoDB's release notes. */
const CAPABILITIES = {
  /** The command `hello`; before it `isMaster`. */
  hello: { since: '4.4.2' },
  /** The member option `secondaryDelaySecs`; before it `slaveDelay`. */
  secondaryDelaySecs: { since: '5.0' },
  /** A set with arbiters needs its default write concern said before it can be a shard. */
  implicitDefaultWriteConcern: { since: '5.0' },
  /** After a SIGTERM it serves for a while those that it has, 15 s by default. */
  quiesces: { since: '5.0' },
  /** More than one arbiter only with the parameter `allowMultipleArbiters`. */
  refusesSeveralArbiters: { since: '5.3' },
} as const satisfies Readonly<Record<string, Capability>>;

interface Capability {
  readonly since: string;
  readonly until?: string;
}

export type CapabilityName = keyof typeof CAPABILITIES;

/** The oldest version that is tried: what the server announces must do for the driver, which vendors' servers do from 4.2 on. */
export const OLDEST = '4.0';

/** Whether a server has a capability: from `since` on, and before `until`. */
export function has({ version }: Pick<ServerBuild, 'version'>, name: CapabilityName): boolean {
  const { since, until }: Capability = CAPABILITIES[name];
  return atLeast(version, since) && (until === undefined || !atLeast(version, until));
}
