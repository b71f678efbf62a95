import type { Node } from '../../cluster/cluster.js';
import { variables, type Session } from '../../servers/mysqld/client.js';
import type { Data } from '../data.js';
import { hasAllPlan } from '../has-all.js';
import { mysqldData, sentenceOn } from '../mysqld-data.js';
import type { Setting } from '../setting.js';

export const data: Data = {
  ...mysqldData,
  meanings: [
    {
      by: /Maximum writeset size exceeded/,
      says: 'Galera sends a transaction as a whole: one that is larger than wsrep_max_ws_size is refused.',
      advice: [
        'Let transactions be smaller: commit more often, or mysqldump --net-buffer-length=1M.',
        'dbns client CLUSTER -- -e "SHOW VARIABLES LIKE \'wsrep_max_ws_size\'" says how large one may be.',
      ],
    },
    {
      by: /pxc_strict_mode/,
      says: 'Percona XtraDB Cluster refuses what it does not replicate safely, as its pxc_strict_mode says.',
      advice: ['Or take that upon yourself: -c pxc_strict_mode=PERMISSIVE'],
    },
    ...mysqldData.meanings,
  ],
  arrival: (_setting, at, nodes) => ({ plan: hasAllPlan(at, nodes, { position: committed, amiss }), beyond: [] }),
  doubts,
};

const STATUS = `SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_last_committed', 'wsrep_cluster_status')`;

/** The number of the last write set that the node has committed. */
async function committed(session: Session): Promise<string> {
  return variables(await session.query(STATUS)).wsrep_last_committed ?? '';
}

async function amiss(session: Session, { name }: Node, wanted: string): Promise<string | null> {
  const said = variables(await session.query(STATUS));
  if (said.wsrep_cluster_status !== 'Primary') return `${name} is in no primary component`;
  return Number(said.wsrep_last_committed) >= Number(wanted) ? null : `${name} has not applied all of it yet`;
}

const KEYS = 'SELECT 1 FROM information_schema.TABLE_CONSTRAINTS c WHERE';

/** What Galera takes without a word. Source: galera.docs "Differences from a Standalone MySQL Server". */
async function doubts(setting: Setting, at: Node): Promise<readonly string[]> {
  const others = await sentenceOn(
    setting,
    at,
    "t.ENGINE <> 'InnoDB'",
    (names) => `${names}: not of InnoDB, so Galera does not replicate the rows; they are on ${at.name} alone.`,
  );
  const keyless = await sentenceOn(
    setting,
    at,
    `t.ENGINE = 'InnoDB' AND NOT EXISTS (${KEYS} c.CONSTRAINT_TYPE = 'PRIMARY KEY'
      AND c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME)`,
    (names) =>
      `${names}: no primary key, so nodes may have the rows in another order, and Galera does not support DELETE there.`,
  );
  return [...others, ...keyless];
}
