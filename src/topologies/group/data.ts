import type { Node } from '../../cluster/cluster.js';
import { NotReadyError } from '../../errors/errors.js';
import type { Session } from '../../servers/mysqld/client.js';
import { GTIDS } from '../../servers/mysqld/gtid.js';
import type { Data } from '../data.js';
import { hasAllPlan } from '../has-all.js';
import { mysqldData } from '../mysqld-data.js';
import { askView } from './member.js';

export const data: Data = {
  ...mysqldData,
  meanings: [
    {
      by: /running replication hook/,
      says: "Members agree on a transaction as a whole: one that is larger than the group's group_replication_transaction_size_limit is refused.",
      advice: [
        'Let transactions be smaller: commit more often, or mysqldump --net-buffer-length=1M.',
        'Or create the group with room for it: -c group_replication_transaction_size_limit=2147483647',
      ],
    },
    {
      by: /does not comply with the requirements by an external plugin/,
      says: 'A group takes rows of tables alone that are of InnoDB and have a primary key.',
      advice: ['Write ENGINE = InnoDB and a PRIMARY KEY into CREATE TABLE.'],
    },
    {
      by: 3101,
      says: 'Another member has written the same rows at the same time, and the group let that one win.',
      advice: ['Load at one member while nobody else writes.'],
    },
    ...mysqldData.meanings,
  ],
  arrival: (_setting, at, nodes) => ({ plan: hasAllPlan(at, nodes, { position: executed, amiss }), beyond: [] }),
};

async function executed(session: Session): Promise<string> {
  const [row] = await session.query('SELECT @@GLOBAL.gtid_executed AS gtids');
  return String(row?.gtids).replace(/\s/g, '');
}

async function amiss(session: Session, { name }: Node, wanted: string): Promise<string | null> {
  const { state } = await askView(session);
  if (state !== 'ONLINE' && state !== 'RECOVERING') throw new NotReadyError(`${name} is ${state}: it gets nothing.`);
  return GTIDS.mysql.subtract(wanted, await executed(session)) === '' ? null : `${name} has not applied all of it yet`;
}
