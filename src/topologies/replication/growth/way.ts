import type { Node } from '../../../cluster/cluster.js';
import { serverTitle } from '../../../cluster/server.js';
import { ConflictError, MachineError, NotReadyError, isError } from '../../../errors/errors.js';
import { ask, rootAt, type Session } from '../../../servers/mysqld/client.js';
import { answersOf, askNodes } from '../../ask-nodes.js';
import { serverOf, type Setting } from '../../topology.js';
import { nodeNamed, wordsFor } from '../nodes.js';
import type { ReplicationSettings } from '../settings.js';
import { gtidsOf, textOf } from '../state.js';
import type { Words } from '../words.js';

/** How far back the binary logs of a node reach, and whether it can be copied. */
export interface Past {
  /** The name of the oldest that is there. */
  readonly firstLog: string;
  /** GTIDs of transactions that are in none of them: purged, or from before the node was a copy of another. */
  readonly before: string;
  /** What keeps a MySQL from being cloned; null where nothing does. */
  readonly uncloned: string | null;
}

/** How a newcomer gets its data. */
export type Way =
  /** It replays all that its sources have in their binary logs; with none of either nothing is to be got. */
  | { readonly do: 'replay' }
  /** It gets a copy of what a node has now. */
  | { readonly do: 'copy'; readonly of: string; readonly because: string };

/** How long a node may take to say it, ms. */
const ANSWER_TIMEOUT = 5000;

/** @throws NotReadyError for one that does not answer. */
export async function askPasts(setting: Setting, nodes: readonly Node[]): Promise<ReadonlyMap<string, Past>> {
  const said = await askNodes(nodes, (node) =>
    ask(rootAt(setting.machine.reach(node.socket)), ANSWER_TIMEOUT, (session) =>
      askPast(session, wordsFor(setting, node)),
    ),
  );
  for (const [name, answer] of said) {
    if (isError(answer)) throw new NotReadyError(`${name} does not answer: ${answer.message}.`);
  }
  return answersOf(said);
}

async function askPast(session: Session, words: Words): Promise<Past> {
  const firstLog = await firstLogOf(session);
  const [row] =
    words.family === 'mysql'
      ? await session.query(CLONE_STATE)
      : await session.query('SELECT BINLOG_GTID_POS(?, 4) AS gone', [firstLog]);
  return {
    firstLog,
    before: gtidsOf(row?.gone),
    uncloned:
      words.family === 'mysql' && Number(row?.readOnly) === 1 && Number(row?.ready) === 0
        ? 'an earlier dbns made it without the clone plugin, and it is read-only'
        : null,
  };
}

const CLONE_STATE = `SELECT @@GLOBAL.gtid_purged AS gone, @@GLOBAL.super_read_only AS readOnly,
    (SELECT COUNT(*) FROM information_schema.PLUGINS WHERE PLUGIN_NAME = 'clone' AND PLUGIN_STATUS = 'ACTIVE') AND
    (SELECT COUNT(*) FROM mysql.global_grants WHERE USER = 'repl' AND PRIV = 'BACKUP_ADMIN') AS ready`;

/** The oldest binary log of a server. */
export async function firstLogOf(session: Session): Promise<string> {
  const [row] = await session.query('SHOW BINARY LOGS');
  return textOf(row?.Log_name);
}

/** Why nobody who begins with nothing can get all from a node's binary logs; null when that can be. */
export function gapIn({ firstLog, before }: Pick<Past, 'firstLog' | 'before'>): string | null {
  if (!/\.0*1$/.test(firstLog)) return `its binary logs begin with ${firstLog} by now`;
  return before === '' ? null : `its binary logs begin after ${before}`;
}

const OWN = 'of what it replays a server leaves out what it may have written itself';

/**
 * The way of each newcomer, by name, out of what those that are there said; sources come before who follows them.
 * @param wereHere those that had their number before: a server leaves out what bears its own, which it may have written itself
 */
export function waysOf(
  { shape, gtid, sources }: Pick<ReplicationSettings, 'shape' | 'gtid' | 'sources'>,
  newcomers: readonly string[],
  pasts: ReadonlyMap<string, Pick<Past, 'firstLog' | 'before'>>,
  wereHere: readonly string[] = [],
): ReadonlyMap<string, Way> {
  const ways = new Map<string, Way>();
  const gapOf = (source: string) => {
    const past = pasts.get(source);
    if (past !== undefined) return gapIn(past);
    return ways.get(source)?.do === 'copy' ? 'it is a copy itself' : null;
  };
  for (const name of newcomers) {
    const own = sources[name] ?? [];
    const gaps = own.flatMap((source) => {
      const gap = gapOf(source);
      return gap === null ? [] : [{ source, why: `of ${source} not all can be replayed, ${gap}` }];
    });
    if (shape === 'fan-in') assertOneGap(name, gaps);
    const of = (shape === 'fan-in' ? gaps[0]?.source : undefined) ?? own.find((source) => pasts.has(source)) ?? own[0];
    // By position each channel goes on by itself: a row may come before its table, which another node made.
    const unordered =
      shape === 'all-masters' && !gtid ? 'without GTIDs nothing keeps several sources in order' : undefined;
    // Nobody follows who gathers: what it wrote itself is nowhere else.
    const because = wereHere.includes(name) && shape !== 'fan-in' ? OWN : (unordered ?? gaps[0]?.why);
    ways.set(name, of === undefined || because === undefined ? { do: 'replay' } : { do: 'copy', of, because });
  }
  return ways;
}

/** What one source has can be copied, and what the others have replayed upon that. */
function assertOneGap(name: string, gaps: readonly { readonly source: string; readonly why: string }[]): void {
  if (gaps.length < 2) return;
  throw new ConflictError(
    `${name} gathers what several have, and can be a copy of one alone: ${gaps.map(({ why }) => why).join('; ')}.`,
    {
      suggestions: ['dbns dump of each of them, and dbns load into a new cluster'],
    },
  );
}

/** @throws ConflictError, MachineError when a node's server or image can't be copied to a newcomer. */
export function assertCopyable(setting: Setting, name: string, of: string, past: Past | undefined): void {
  const [ours, theirs] = [nodeNamed(setting, name), nodeNamed(setting, of)].map(
    (node) => serverOf(setting, node).build,
  );
  if (ours === undefined || theirs === undefined) throw new Error(`no servers for ${name} and ${of}`);
  const sentence = `${name} needs a copy of ${of}`;
  if (ours.dialect !== theirs.dialect || series(ours.version) !== series(theirs.version)) {
    throw new ConflictError(`${sentence}, and ${serverTitle(ours)} can't take one of ${serverTitle(theirs)}.`, {
      suggestions: [`Give it an image of the same version: --image ${nodeNamed(setting, of).image}`],
    });
  }
  if (past?.uncloned != null) {
    throw new ConflictError(`${sentence}: ${past.uncloned}.`, {
      suggestions: ['Let it replicate from the primary, whom the plugin can be given: --source NODE'],
    });
  }
  if (wordsFor(setting, nodeNamed(setting, of)).family === 'mariadb' && theirs.programs.backup === undefined) {
    throw new MachineError(`${sentence}, and the image ${nodeNamed(setting, of).image} has no mariadb-backup.`, {
      suggestions: ['Give the cluster an image that has it: Debian has it in the package mariadb-backup.'],
    });
  }
}

/** `10.11.19` → `10.11` */
const series = (version: string) => version.split('.').slice(0, 2).join('.');
