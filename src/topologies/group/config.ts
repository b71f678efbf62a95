import type { Cluster, Node } from '../../cluster/cluster.js';
import { familiesOf } from '../../cluster/family.js';
import type { ServerBuild } from '../../cluster/server.js';
import type { Image } from '../../images/image.js';
import { configContext, subjectOf } from '../../servers/mysqld/config.js';
import { peerTls } from '../../servers/certificates/files.js';
import { requiresTls } from '../../servers/mysqld/tls.js';
import { render } from '../../templates/render.js';
import { groupName, settingsOf } from './settings.js';

/** Where members talk: XCom on a port of its own (the one the refman shows), MySQL on the server's. */
export const XCOM_PORT = 33061;

/** The my.cnf of a member. */
export function renderConfig(cluster: Cluster, node: Node, build: ServerBuild, image: Image): string {
  const { multiPrimary, communicationStack } = settingsOf(cluster);
  const onOff = (on: boolean) => (on ? 'ON' : 'OFF');
  return render('group/mysql.cnf', {
    ...configContext(subjectOf(cluster, node), build, image),
    group: {
      name: groupName(cluster),
      member: memberAt(cluster, node),
      seeds: seedsOf(cluster),
      stack: communicationStack.toUpperCase(),
      subnets: familiesOf(cluster.network)
        .map(({ subnet }) => subnet)
        .join(','),
      singlePrimary: onOff(!multiPrimary),
      updateEverywhere: onOff(multiPrimary),
      tls: requiresTls(node.options),
      peers: peerTls(cluster, node),
    },
  });
}

/** Whom a server asks that joins: all members, where they talk. */
export function seedsOf(cluster: Cluster): string {
  return cluster.nodes.map((node) => memberAt(cluster, node)).join(',');
}

function memberAt(cluster: Cluster, { address }: Node): string {
  return `${address}:${settingsOf(cluster).communicationStack === 'xcom' ? XCOM_PORT : 3306}`;
}
