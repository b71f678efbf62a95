import { underClusterLock } from '../cluster-lock.js';
import { addUserTo } from '../keeping/companion.js';
import { requireRoot, type Context } from '../context.js';
import { UsageError } from '../../errors/errors.js';
import { companionNamed } from './remove.js';

/** An account that the servers have. */
export interface ProxyUser {
  readonly name: string;
  /** The one that it has there. */
  readonly password: string;
}

/**
 * Makes an account of the servers known to a proxy that answers logins itself; one that is known gets that password. It
 * is kept when the servers let it in by way of the proxy, else all is as it was.
 * @throws UsageError also where a proxy needs no such thing; NotFoundError; ConflictError when the servers refuse it;
 * NotReadyError when nobody answers.
 */
export async function addProxyUser(
  clusterName: string,
  proxy: string,
  user: ProxyUser,
  { machine }: Pick<Context, 'machine'>,
): Promise<void> {
  requireRoot(machine, `proxy user ${clusterName} ${proxy} ${user.name}`);
  assertUser(user);
  await underClusterLock(machine, clusterName, { verb: 'proxy user', nodes: [proxy], about: user.name }, (cluster) =>
    addUserTo(machine, cluster, companionNamed(cluster, proxy), user),
  );
}

/** Source: refman "Account Names": 32 characters; MariaDB takes more. */
function assertUser({ name, password }: ProxyUser): void {
  if (!/^\P{Cc}{1,128}$/u.test(name)) {
    throw new UsageError(`'${name}' can't be an account: it has 1 to 128 characters, and no control character.`);
  }
  if (password === '')
    throw new UsageError(`The password of '${name}' is empty: a proxy needs the one that the servers know.`);
  if (/\p{Cc}/u.test(password))
    throw new UsageError(`The password of '${name}' has a control character, e.g. the end of a line.`);
}
