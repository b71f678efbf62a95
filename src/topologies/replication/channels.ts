import { REPLICATION_ACCOUNT } from '../../servers/mysqld/accounts.js';
import type { Node } from '../../cluster/cluster.js';
import type { Session } from '../../servers/mysqld/client.js';
import { peerTls } from '../../servers/certificates/files.js';
import { requiresTls } from '../../servers/mysqld/tls.js';
import type { Setting } from '../topology.js';
import { nodeNamed, wordsFor } from './nodes.js';
import { settingsOf } from './settings.js';
import type { Link } from './shapes.js';
import { askState } from './state.js';
import { changeSource, resetReplica, startReplica, stopReplica, type From, type SourceOf } from './statements.js';

/** Points a replica to a source, and starts it. */
export async function follow(session: Session, setting: Setting, link: Link, from: From): Promise<void> {
  const words = wordsFor(setting, nodeNamed(setting, link.replica));
  for (const { sql, values } of [
    changeSource(words, sourceOf(setting, link, from)),
    startReplica(words, link.channel),
  ]) {
    await session.query(sql, values);
  }
}

export function sourceOf(setting: Setting, { replica, source, channel }: Link, from: From): SourceOf {
  return {
    channel,
    address: nodeNamed(setting, source).address,
    user: REPLICATION_ACCOUNT,
    password: setting.password,
    delay: settingsOf(setting.cluster).delays[replica] ?? 0,
    tls: requiresTls(nodeNamed(setting, source).options),
    ca: peerTls(setting.cluster, nodeNamed(setting, replica))?.ca ?? null,
    from,
  };
}

/** Ends channels with all that they know; `which` is by the address of their source. */
export async function forgetChannels(
  session: Session,
  setting: Setting,
  node: Node,
  which: (address: string) => boolean = () => true,
): Promise<void> {
  const words = wordsFor(setting, node);
  for (const { channel, address } of (await askState(session, words)).channels) {
    if (!which(address)) continue;
    await session.query(stopReplica(words, channel).sql);
    await session.query(resetReplica(words, channel).sql);
  }
}
