import { namesOf, without, type Cluster, type Node } from '../../../cluster/cluster.js';
import type { Plan, Step } from '../../../cluster/plan.js';
import { ConflictError } from '../../../errors/errors.js';
import { loginStep } from '../../../servers/mysqld/accounts.js';
import { formedStep } from '../../../servers/mysqld/forming.js';
import type { GrowRequest, Joining } from '../../growth.js';
import { answersOf } from '../../ask-nodes.js';
import type { Setting } from '../../topology.js';
import { arrivalStep } from '../arrival.js';
import { stepBehindStep } from './by-position.js';
import { isSource } from '../config.js';
import { backupPlan } from './backup.js';
import { clonePlan } from './clone.js';
import type { Copy } from './copy.js';
import { channelFrom, stoppedIn, type LogPosition } from '../state.js';
import { semiSyncStep, setStep } from '../finish.js';
import { askStates } from '../health.js';
import { accountsStep, start } from '../formation.js';
import { handOverStep } from './leave.js';
import { followAgainStep, newLinkStep } from './new-link.js';
import { learnPlan } from './learn.js';
import { nodeNamed, wordsFor } from '../nodes.js';
import { isReadOnly, settingsOf } from '../settings.js';
import { linksOf, linksUpFrom, MANY_WRITERS, PROMOTING, type Link } from '../shapes.js';
import { assertCopyable, askPasts, waysOf, type Way } from './way.js';

/** How long a node may take to say how it stands, ms. */
const ANSWER_TIMEOUT = 2000;

/** Asks those whom newcomers replicate from how far back their binary logs reach. */
export async function grow({ setting, before, newcomers, running }: GrowRequest): Promise<Joining> {
  const names = newcomers.map(({ name }) => name);
  const settings = settingsOf(setting.cluster);
  const links = newLinks(setting, before);
  const ends = new Set(links.flatMap(({ replica, source }) => [replica, source]));
  const known = before.nodes.filter(({ name }) => ends.has(name));
  assertRun(setting, known, running);
  const sources = new Set(names.flatMap((name) => settings.sources[name] ?? []));
  const pasts = await askPasts(
    setting,
    known.filter(({ name }) => sources.has(name)),
  );
  const wereHere = newcomers.filter(({ phase }) => phase === 'rebuilding').map(({ name }) => name);
  const ways = waysOf(settings, names, pasts, wereHere);
  for (const [name, way] of ways) if (way.do === 'copy') assertCopyable(setting, name, way.of, pasts.get(way.of));
  const gathers = wereHere.length === 0 ? [] : gatherLinks(before, [...ways.values()]);
  await assertGather(setting, gathers);
  const isNew = ({ replica }: Link) => names.includes(replica);
  const stood = new Map(names.map((name) => [name, new Map<string, LogPosition>()]));
  return {
    notes: names.flatMap((name) => notesOf(setting, name, ways.get(name), pasts)),
    beginsAs: ({ name }) => (beginsEmpty(setting, nodeNamed(setting, name), ways) ? 'empty' : 'pristine'),
    join: {
      sequence: [
        ...gathers.map((link) => handOverStep(setting, link)),
        joinPlan(setting, newcomers, ways, links.filter(isNew), stood),
      ],
    },
    finish: finishPlan(
      setting,
      before,
      newcomers,
      running,
      links.filter((link) => !isNew(link)),
    ),
  };
}

/** Those that there were not; of a ring also the one that is there instead of another. */
function newLinks({ cluster }: Setting, before: Cluster): readonly Link[] {
  const { sources } = settingsOf(before);
  return linksOf(settingsOf(cluster).sources).filter(({ replica, source }) => !sources[replica]?.includes(source));
}

function assertRun({ cluster }: Setting, needed: readonly Node[], running: readonly Node[]): void {
  const missing = needed.filter(({ name }) => !running.some((node) => node.name === name)).map(({ name }) => name);
  if (missing.length === 0) return;
  throw new ConflictError(
    `${missing.join(', ')} ${missing.length === 1 ? 'does' : 'do'} not run, and a newcomer replicates with ${missing.length === 1 ? 'it' : 'them'}.`,
    { suggestions: [`dbns start ${cluster.name} ${missing.join(' ')}`] },
  );
}

/** Whoever is copied has all first that the others have: of what comes after that a node leaves out what bears its number. */
function gatherLinks(before: Cluster, ways: readonly Way[]): readonly Link[] {
  const { sources, delays, shape } = settingsOf(before);
  return ways.flatMap((way) => {
    if (way.do !== 'copy') return [];
    // One that is late on purpose has what a former primary wrote before that.
    return linksUpFrom(sources, way.of).filter(({ replica }) => !PROMOTING.has(shape) || !(replica in delays));
  });
}

/** @throws ConflictError for one to be copied that never will have all: its channel has stopped. Who is silent is waited for later. */
async function assertGather(setting: Setting, links: readonly Link[]): Promise<void> {
  const { name } = setting.cluster;
  const replicas = new Set(links.map(({ replica }) => replica));
  const states = answersOf(
    await askStates(
      setting.machine,
      setting.cluster.nodes.filter((node) => replicas.has(node.name)),
      ANSWER_TIMEOUT,
    ),
  );
  for (const { replica, source } of links) {
    const state = states.get(replica);
    const own = state && channelFrom(state, nodeNamed(setting, source).address);
    const stopped = own && stoppedIn(own);
    if (stopped == null) continue;
    throw new ConflictError(`${replica} would be copied, and does not replicate from ${source}: ${stopped}.`, {
      suggestions: [`dbns rebuild ${name} ${replica}`, `dbns status ${name}`],
    });
  }
}

/** By which way a newcomer gets its data, and why. */
function notesOf(
  setting: Setting,
  name: string,
  way: Way | undefined,
  pasts: ReadonlyMap<string, unknown>,
): readonly string[] {
  const { sources, filters } = settingsOf(setting.cluster);
  const all = sources[name] ?? [];
  const there = all.filter((source) => pasts.has(source));
  const own = there.length === 0 ? all : there;
  if (way?.do !== 'copy') {
    return [
      own.length === 0
        ? `${name} begins empty: it replicates from nobody.`
        : `${name} replays all that ${own.join(', ')} ${own.length === 1 ? 'has' : 'have'}: the binary logs reach back to the beginning.`,
    ];
  }
  const by = wordsFor(setting, nodeNamed(setting, name)).family === 'mysql' ? 'CLONE' : 'mariadb-backup';
  const patterns = filters[name];
  return [
    `${name} gets a copy of ${way.of} by ${by}: ${way.because}.`,
    ...(patterns === undefined
      ? []
      : [`What ${name} does not replicate (all but ${patterns.join(', ')}) stays as it is in the copy.`]),
  ];
}

/** A clone needs a server that asks for it, a backup an empty directory. */
function beginsEmpty(setting: Setting, node: Node, ways: ReadonlyMap<string, Way>): boolean {
  return ways.get(node.name)?.do === 'copy' && wordsFor(setting, node).family === 'mariadb';
}

function joinPlan(
  setting: Setting,
  newcomers: readonly Node[],
  ways: ReadonlyMap<string, Way>,
  links: readonly Link[],
  stood: ReadonlyMap<string, Copy['stood']>,
): Plan {
  const replaying = newcomers.filter(({ name }) => ways.get(name)?.do !== 'copy');
  const copies = newcomers.flatMap(({ name }) => {
    const way = ways.get(name);
    return way?.do === 'copy'
      ? [copyPlan(setting, name, way.of, stood.get(name) ?? new Map<string, LogPosition>())]
      : [];
  });
  return {
    sequence: [
      { parallel: replaying.map((node) => beginPlan(setting, node)) },
      // One after another: a server is copied once at a time, and one of them may be a copy of the one before.
      ...copies,
      ...(links.length === 0 ? [] : [catchUpPlan(setting, newcomers, links, stood)]),
    ],
  };
}

/** Starts a newcomer with a copy of a node's data; it replicates from nobody yet. */
function copyPlan(setting: Setting, name: string, of: string, stood: Copy['stood']): Plan {
  const copy = { setting, node: nodeNamed(setting, name), of: nodeNamed(setting, of), stood };
  const plan = wordsFor(setting, copy.node).family === 'mysql' ? clonePlan(copy) : backupPlan(copy);
  return { title: `copy ${of} to ${name}`, sequence: [plan] };
}

function catchUpPlan(
  setting: Setting,
  newcomers: readonly Node[],
  links: readonly Link[],
  stood: ReadonlyMap<string, Copy['stood']>,
): Plan {
  return {
    title: `let ${namesOf(newcomers)} catch up`,
    sequence: [
      { parallel: links.map((link) => newLinkStep(setting, link, stood.get(link.replica))) },
      { sequence: links.map((link) => arrivalStep(setting, link)) },
    ],
  };
}

/** Nobody writes on it before it has what the others have. */
function beginPlan(setting: Setting, node: Node): Plan {
  const replicates = (settingsOf(setting.cluster).sources[node.name] ?? []).length > 0;
  return {
    sequence: [
      start(setting, node, 'writable'),
      accountsStep(setting, node),
      ...(replicates ? [setStep(node, `${wordsFor(setting, node).readOnly} = ON`)] : []),
    ],
  };
}

function finishPlan(
  setting: Setting,
  before: Cluster,
  newcomers: readonly Node[],
  running: readonly Node[],
  links: readonly Link[],
): Plan {
  const { cluster, password } = setting;
  const settings = settingsOf(cluster);
  const former = settingsOf(before);
  const writers = newcomers.filter(({ name }) => !isReadOnly(settings, name));
  const sources = cluster.nodes.filter(({ name }) => isSource(settings, name) && !isSource(former, name));
  return {
    title: `let the others know ${namesOf(newcomers)}`,
    sequence: [
      learnPlan(setting, before, cluster, without(cluster, newcomers).nodes, running),
      turnPlan(setting, before, newcomers, links),
      { sequence: links.map((link) => arrivalStep(setting, link)) },
      // Of MySQL's two variables this one turns off both.
      { parallel: writers.map((node) => setStep(node, 'read_only = OFF')) },
      ...(settings.semiSync ? [{ parallel: sources.map((node) => semiSyncStep(setting, node)) }] : []),
      { parallel: newcomers.map(formedStep) },
      { parallel: newcomers.map((node): Step => loginStep(node, password)) },
    ],
  };
}

/**
 * In a star or chain those go back whose source was rebuilt: they have all of the one that they had meanwhile before, so that
 * they lack nothing that is in no binary log of a copy.
 */
function goBackPlan(setting: Setting, before: Cluster, link: Link): Plan {
  const { replica, source } = link;
  const [meanwhile = ''] = settingsOf(before).sources[replica] ?? [];
  if (!settingsOf(setting.cluster).gtid) return stepBehindStep(setting, replica, source, meanwhile);
  return { sequence: [arrivalStep(setting, { ...link, source: meanwhile }), newLinkStep(setting, link)] };
}

/** A node of a ring that follows by position goes from newcomer to newcomer: each stands where its source stood. */
function turnPlan(setting: Setting, before: Cluster, newcomers: readonly Node[], links: readonly Link[]): Plan {
  const { shape, gtid, sources } = settingsOf(setting.cluster);
  if (PROMOTING.has(shape)) return { parallel: links.map((link) => goBackPlan(setting, before, link)) };
  const { sources: former } = settingsOf(before);
  const linkStep = (link: Link) =>
    MANY_WRITERS.has(shape) && former[link.replica]?.length === 0
      ? followAgainStep(setting, link)
      : newLinkStep(setting, link);
  if (shape !== 'ring') return { parallel: links.map(linkStep) };
  return {
    sequence: links.flatMap((link) => {
      const { replica } = link;
      const [meanwhile] = former[replica] ?? [];
      if (meanwhile === undefined) return [linkStep(link)];
      if (gtid) return [arrivalStep(setting, { ...link, source: meanwhile }), newLinkStep(setting, link)];
      return newcomers.map(({ name }) => stepBehindStep(setting, replica, name, sources[name]?.[0] ?? ''));
    }),
  };
}
