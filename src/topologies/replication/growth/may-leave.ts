import { ConflictError } from '../../../errors/errors.js';
import { ask, rootAt } from '../../../servers/mysqld/client.js';
import { answersOf, askNodes } from '../../ask-nodes.js';
import type { Setting } from '../../topology.js';
import { isSource } from '../config.js';
import type { Shrunk } from './reshape.js';
import { roleIn, settingsOf, type ReplicationSettings } from '../settings.js';
import { MANY_SOURCES, type Link } from '../shapes.js';
import { textOf } from '../state.js';

/** Nodes that leave, and what it means. */
export interface Parting {
  /** As it is, with all nodes. */
  readonly setting: Setting;
  /** Its words; with those that came half way. */
  readonly settings: ReplicationSettings;
  readonly leaving: readonly string[];
  readonly runs: (name: string) => boolean;
  /** Links to a source that leaves. */
  readonly cut: readonly Link[];
  readonly shrunk: Shrunk;
  /** Replicas of which nobody can tell any more where they go on: without GTIDs. */
  readonly stranded: readonly string[];
  readonly force: boolean;
  readonly returns: boolean;
}

/** @throws ConflictError for what must be done before, or be forced. */
export function assertMayLeave(parting: Parting): void {
  const { setting, settings, leaving, stranded, force, returns } = parting;
  if (force) return;
  const { name } = setting.cluster;
  if (stranded.length > 0) {
    throw new ConflictError(
      `${leaving.join(', ')} must run to leave: without GTIDs its binary log alone tells where ${stranded.join(', ')} goes on.`,
      { suggestions: [`dbns start ${name} ${leaving.join(' ')}`] },
    );
  }
  assertPrimaryStays(parting);
  const gatherer = leaving.find((node) => settings.shape === 'fan-in' && roleIn(settings, node) === 'replica');
  if (gatherer !== undefined && !returns) {
    throw new ConflictError(`${gatherer} gathers what all others have: without it they are servers apart.`, {
      suggestions: [`dbns remove ${name} ${leaving.join(' ')} --force`],
    });
  }
  const away = unheard(parting);
  if (away.length > 0 && (MANY_SOURCES.has(settings.shape) || !settings.gtid)) {
    throw new ConflictError(`${away.join(', ')} must run, to be told that ${leaving.join(', ')} leaves.`, {
      suggestions: [`dbns start ${name} ${away.join(' ')}`],
    });
  }
}

function assertPrimaryStays({ setting, settings, leaving, shrunk }: Parting): void {
  const [heir] = shrunk.orphaned.filter((node) => !(node in settings.delays) && !(node in settings.filters));
  if (shrunk.orphaned.length === 0) return;
  const { name } = setting.cluster;
  const primary = leaving.find((node) => roleIn(settings, node) === 'primary') ?? '';
  throw new ConflictError(`${primary} is the primary: without it nobody takes writes. Promote another first.`, {
    suggestions: [`dbns promote ${name} ${heir ?? 'NODE'}`, `dbns remove ${name} ${leaving.join(' ')} --force`],
  });
}

/** Those that must know, and can't be told. */
function unheard({ leaving, cut, runs }: Parting): readonly string[] {
  const replicas = cut.map(({ replica }) => replica).filter((name) => !leaving.includes(name) && !runs(name));
  return [...new Set(replicas)];
}

/** @throws ConflictError where a source would wait for more replicas than it has left. */
export async function assertAcknowledged({ setting, leaving, runs, shrunk }: Parting): Promise<void> {
  const { machine, cluster } = setting;
  const sources = cluster.nodes.filter(
    ({ name }) => !leaving.includes(name) && runs(name) && isSource(shrunk.settings, name),
  );
  const said = await askNodes(sources, ({ socket }) =>
    ask(rootAt(machine.reach(socket)), ANSWER_TIMEOUT, (session) => session.query(WAITS_FOR)),
  );
  for (const [name, rows] of answersOf(said)) {
    const left = Object.values(shrunk.settings.sources).filter((own) => own.includes(name)).length;
    const wanted = Number(rows[0]?.Value ?? 1);
    if (left >= wanted) continue;
    throw new ConflictError(
      `Commits on ${name} wait for ${wanted} replicas (${textOf(rows[0]?.Variable_name)}), and it would have ${left}.`,
      { suggestions: [`dbns remove ${cluster.name} ${leaving.join(' ')} --force`] },
    );
  }
}

/** How long a node may take to say it, ms. */
const ANSWER_TIMEOUT = 2000;
/** In the old words or the new; MariaDB waits for one. */
const WAITS_FOR = "SHOW GLOBAL VARIABLES LIKE 'rpl_semi_sync_%_wait_for_%_count'";

/** What it means for those that stay: a sentence each. */
export function notesOf(parting: Parting): readonly string[] {
  const { setting, leaving, runs, stranded, shrunk } = parting;
  const settings = settingsOf(setting.cluster);
  const away = unheard(parting);
  const last = new Map(shrunk.moves.map(({ replica, to }) => [replica, to]));
  stranded.forEach((name) => last.delete(name));
  const dead = leaving.filter(
    (name) => name in settings.sources && roleIn(settings, name) === 'primary' && !runs(name),
  );
  const silent = Object.keys(shrunk.settings.sources).filter(
    (name) => settings.semiSync && isSource(settings, name) && !isSource(shrunk.settings, name),
  );
  return [
    ...[...last].map(([replica, to]) =>
      away.includes(replica)
        ? `${replica} does not run: it replicates from ${to} when it starts.`
        : `${replica} replicates from ${to} from now on.`,
    ),
    ...shrunk.orphaned.map((name) => `${name} replicates from nobody, and takes no writes until a node is promoted.`),
    ...dead.map((name) => `${name} does not run: what it had and nobody else has is lost.`),
    ...silent.map((name) => `${name} has no replica left: its commits wait for none, and semi-sync is off there.`),
    ...(MANY_SOURCES.has(settings.shape)
      ? away.map(
          (name) => `${name} does not run, and still wants to replicate from a node that is gone when it starts.`,
        )
      : []),
  ];
}
