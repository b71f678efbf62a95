import { ask, rootAt } from '../../servers/mysqld/client.js';
import { askStep } from '../ask-step.js';
import { mysqldUpgrade } from '../mysqld-upgrade.js';
import { serverOf } from '../setting.js';
import type { Upgrade } from '../upgrade.js';
import { stopOrder } from './life.js';

/**
 * Secondaries first, and the primary last: a member that is newer than others can't be made their primary, so the group elects one
 * when the old one stops. At the end it speaks as all of them can. Source: refman "Group Replication Online Upgrade Methods".
 */
export const upgrade: Upgrade = {
  ...mysqldUpgrade,
  handsOver: false,
  order: (cluster) => stopOrder(cluster).flat(),
  finish(setting) {
    const [first] = setting.cluster.nodes;
    if (first === undefined) return { sequence: [] };
    const { version } = serverOf(setting, first).build;
    const statement = `SELECT group_replication_set_communication_protocol('${version}')`;
    return askStep('let the group speak as the new version does', first, statement, async () => {
      await ask(rootAt(first.socket), 30_000, (session) => session.query(statement));
    });
  },
};
