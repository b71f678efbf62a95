import type { Node } from '../cluster/cluster.js';
import { UsageError } from '../errors/errors.js';
import { ask, rootAt } from '../servers/mysqld/client.js';
import {
  databasesOf,
  directoryLoader,
  MARK_OF_MYDUMPER,
  sqlDumper,
  sqlLoader,
  tablesWhere,
  type At,
} from '../servers/mysqld/dump.js';
import { withoutOrigin } from '../servers/mysqld/left-out.js';
import { MEANINGS, readRefusal } from '../servers/mysqld/load-refusal.js';
import { shopStatements } from '../servers/mysqld/shop.js';
import type { Data, Incoming } from './data.js';
import { serverOf, type Setting } from './setting.js';

/** `Data` of all whose servers are of MySQL's family, but for what their topology says itself. */
export const mysqldData = {
  loader,
  adapt: withoutOrigin,
  readRefusal,
  meanings: MEANINGS,
  sample,
  doubts: () => Promise.resolve([]),
  whole: ({ nodes }) => nodes,
  databases: ({ machine }, { socket }) => databasesOf(machine.reach(socket)),
  dumper: (setting, node, databases) => sqlDumper(at(setting, node), databases),
} satisfies Omit<Data, 'arrival'>;

function at(setting: Setting, node: Node): At {
  const { cluster, password } = setting;
  return { cluster, node, build: serverOf(setting, node).build, password };
}

function loader(setting: Setting, node: Node, { directory, database }: Incoming) {
  if (directory === null) return sqlLoader(at(setting, node), database);
  if (!setting.machine.files.exists(`${directory}/${MARK_OF_MYDUMPER}`)) {
    throw new UsageError(`${directory} is a directory, and not one of mydumper: it has no file '${MARK_OF_MYDUMPER}'.`);
  }
  return directoryLoader({ node }, directory, database);
}

async function sample({ machine }: Setting, { socket }: Node): Promise<void> {
  await ask(rootAt(machine.reach(socket)), SAMPLE_PATIENCE, async (session) => {
    for (const statement of shopStatements()) await session.query(statement);
  });
}

/** ms: some thousand rows, a few tenths of a second. */
const SAMPLE_PATIENCE = 120_000;

/** Tables of users for which a condition holds, in a sentence about them; none where there are none. */
export async function sentenceOn(
  { machine }: Setting,
  { socket }: Node,
  condition: string,
  sentence: (names: string) => string,
): Promise<readonly string[]> {
  const names = await ask(rootAt(machine.reach(socket)), SAMPLE_PATIENCE, (session) => tablesWhere(session, condition));
  if (names.length === 0) return [];
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return [sentence(`${names.slice(0, MOST_NAMED).join(', ')}${more}`)];
}

const MOST_NAMED = 5;
