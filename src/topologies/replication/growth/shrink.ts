import { without, type Node } from '../../../cluster/cluster.js';
import type { Plan } from '../../../cluster/plan.js';
import type { Leaving, ShrinkRequest } from '../../growth.js';
import { answersOf } from '../../ask-nodes.js';
import type { Setting } from '../../topology.js';
import { moveByPositionStep } from './by-position.js';
import { isSource } from '../config.js';
import { setStep } from '../finish.js';
import { askStates } from '../health.js';
import { learnPlan } from './learn.js';
import { connectedStep, endChannelStep, handOverStep, holdStep, moveStep, orphanStep } from './leave.js';
import { assertAcknowledged, assertMayLeave, notesOf, type Parting } from './may-leave.js';
import { nodeNamed, wordsFor } from '../nodes.js';
import { withHalfCome, withoutNodes, type Move, type Shrunk } from './reshape.js';
import { settingsOf } from '../settings.js';
import { MANY_SOURCES, MANY_WRITERS, linksOf, type Link } from '../shapes.js';
import { channelFrom } from '../state.js';

/** How long a node may take to say how it stands, ms. */
const ANSWER_TIMEOUT = 2000;

/** Who followed one that leaves follows its source; the others need not know that it was there. */
export async function shrink({ setting, leaving, running, force, returns }: ShrinkRequest): Promise<Leaving> {
  const names = leaving.map(({ name }) => name);
  const settings = withHalfCome(settingsOf(setting.cluster), names);
  const runs = (name: string) => running.some((node) => node.name === name);
  const shrunk = withoutNodes(settings, names, returns);
  const stranded = settings.gtid ? [] : await strandedBy(setting, shrunk.moves, runs);
  const parting: Parting = {
    ...{ setting, settings, leaving: names, runs, stranded, force, returns },
    cut: linksOf(settings.sources).filter(({ source }) => names.includes(source)),
    shrunk: withStranded(shrunk, stranded),
  };
  assertMayLeave(parting);
  if (settings.semiSync && !force) await assertAcknowledged(parting);
  const staying = without(setting.cluster, leaving);
  const after = { ...staying, settings: parting.shrunk.settings };
  return {
    notes: notesOf(parting),
    settings: parting.shrunk.settings,
    before: beforePlan(parting, staying.nodes),
    after: learnPlan(setting, { ...setting.cluster, settings }, after, staying.nodes, running),
  };
}

/**
 * Without GTIDs the binary log of the one that leaves tells where its replicas go on, as long as its server runs; these
 * have not moved yet, and can't any more.
 */
async function strandedBy(
  setting: Setting,
  moves: readonly Move[],
  runs: (name: string) => boolean,
): Promise<readonly string[]> {
  const late = moves.filter(({ from }) => !runs(from));
  const nodes = setting.cluster.nodes.filter(({ name }) => late.some(({ replica }) => replica === name));
  const states = answersOf(await askStates(setting.machine, nodes, ANSWER_TIMEOUT));
  return late.flatMap(({ replica, to }) => {
    const state = states.get(replica);
    const moved = state !== undefined && channelFrom(state, nodeNamed(setting, to).address) !== undefined;
    return moved ? [] : [replica];
  });
}

/** In a ring every node takes writes, also one that has lost its source. */
function withStranded(shrunk: Shrunk, stranded: readonly string[]): Shrunk {
  const { settings } = shrunk;
  if (stranded.length === 0 || MANY_WRITERS.has(settings.shape)) return shrunk;
  const sources = { ...settings.sources, ...Object.fromEntries(stranded.map((name) => [name, []])) };
  return {
    settings: { ...settings, sources, orphans: [...settings.orphans, ...stranded] },
    moves: shrunk.moves.filter(({ replica }) => !stranded.includes(replica)),
    orphaned: [...shrunk.orphaned, ...stranded],
  };
}

function beforePlan(parting: Parting, staying: readonly Node[]): Plan {
  const { setting, settings, leaving, runs, stranded, cut, shrunk, force } = parting;
  const { shape, gtid, semiSync, sources } = settings;
  const writes = MANY_SOURCES.has(shape);
  const live = cut.filter(({ replica, source }) => runs(replica) && runs(source));
  const held = writes && !force ? leaving.filter((name) => live.some(({ source }) => source === name)) : [];
  const moves = shrunk.moves.filter(({ replica }) => runs(replica) && !stranded.includes(replica));
  const stays = ({ replica }: Link) => runs(replica) && !leaving.includes(replica);
  const ends = writes ? cut.filter((link) => stays(link) && (shape !== 'ring' || isLast(shrunk, link.replica))) : [];
  const links = linksOf(shrunk.settings.sources).filter(
    ({ replica, source }) => runs(source) && moves.some((move) => move.replica === replica),
  );
  const silent = staying.filter(
    ({ name }) => runs(name) && isSource(settings, name) && !isSource(shrunk.settings, name),
  );
  const step = gtid ? moveStep : moveByPositionStep;
  return {
    title: `let the others do without ${leaving.join(', ')}`,
    sequence: [
      { parallel: held.map((name) => holdStep(setting, name)) },
      { sequence: held.length === 0 ? [] : inOrder(live, sources, leaving).map((link) => handOverStep(setting, link)) },
      { sequence: moves.map((move) => step(parting, move)) },
      { parallel: ends.map((link) => endChannelStep(setting, link)) },
      { parallel: shrunk.orphaned.filter(runs).map((name) => orphanStep(setting, name)) },
      ...(semiSync
        ? [
            {
              parallel: silent.map((node) => setStep(node, `${wordsFor(setting, node).semiSync.source}_enabled = OFF`)),
            },
          ]
        : []),
      { parallel: links.map((link) => connectedStep(setting, link)) },
    ],
  };
}

/** In a ring whoever stays follows another; but the last of all. */
const isLast = ({ settings: { sources } }: Shrunk, name: string) =>
  Object.keys(sources).length === 1 && sources[name]?.length === 0;

/** What one has that leaves goes by way of the next that leaves. */
function inOrder(
  links: readonly Link[],
  sources: Readonly<Record<string, readonly string[]>>,
  leaving: readonly string[],
): readonly Link[] {
  const before = (name: string): number => {
    const [source = ''] = sources[name] ?? [];
    return leaving.includes(source) ? 1 + before(source) : 0;
  };
  return [...links].sort((a, b) => before(a.source) - before(b.source));
}
