import { aspectOf, type Change, type Transition } from '../../cluster/event.js';
import type { Cluster, Node } from '../../cluster/cluster.js';
import type { Machine } from '../../host/machine.js';
import { exitOf } from '../../servers/exit.js';
import { zoneOf, type LineMeaning, type Said, type ServerLog, type Stamp } from '../../servers/log.js';
import { topologyNamed } from '../../topologies/registry.js';
import { namerOf } from '../../topologies/transitions.js';

/** What a log tells, and the latest that it may have been, ms since the epoch: what is told to the second may be later in it. */
export interface Logged {
  readonly transition: Transition;
  readonly latest: number;
}

/** What the logs of a cluster's servers tell of their nodes, in the order of time. */
export function loggedTransitions(machine: Machine, cluster: Cluster): readonly Logged[] {
  const { log, transitions } = topologyNamed(cluster.topology);
  const meanings = [...(transitions?.meanings(namerOf(cluster)) ?? []), ...log.meanings];
  const all = cluster.nodes.flatMap((node) => [
    ...transitionsIn(readLog(machine, node), { node: node.name, log, meanings }),
    ...lastEnd(machine, node),
  ]);
  return all.sort((a, b) => a.latest - b.latest);
}

interface LogText {
  readonly text: string;
  /** When it was last written to, ms since the epoch. */
  readonly writtenAt: number;
}

function readLog({ files }: Machine, { log }: Node): LogText {
  return { text: files.read(log) ?? '', writtenAt: files.stat(log)?.mtimeMs ?? 0 };
}

/** One that was killed writes no word; how it ended last was noted beside its log. An orderly end is in the log. */
function lastEnd(machine: Machine, node: Node): readonly Logged[] {
  const exit = exitOf(machine, node);
  if (exit === null || exit.code === 0) return [];
  const change = {
    what: 'process',
    of: null,
    before: 'running',
    after: 'dead',
    why: exit.signal ?? `exit code ${exit.code ?? '?'}`,
  };
  return [logged(node.name, { time: Date.parse(exit.at), grain: 999 }, change)];
}

interface Reading {
  readonly node: string;
  readonly log: ServerLog;
  readonly meanings: readonly LineMeaning[];
}

/** What one log tells. What was so before is no change; a line without a time is of that of the line before. */
export function transitionsIn({ text, writtenAt }: LogText, { node, log, meanings }: Reading): readonly Logged[] {
  const lines = text.split('\n');
  const zone = zoneOf(lines, writtenAt, log);
  const last = new Map<string, string | null>();
  let stamp: Stamp | null = null;
  const found: Logged[] = [];
  for (const line of lines) {
    stamp = log.timeOf(line) ?? stamp;
    if (log.begins.test(line)) last.clear();
    if (stamp === null) continue;
    const { grain, isLocal, time } = stamp;
    for (const change of changesIn(line, meanings, last))
      found.push(logged(node, { grain, time: isLocal ? time - zone : time }, change));
  }
  return found;
}

function logged(node: string, { time, grain }: Pick<Stamp, 'time' | 'grain'>, change: Change): Logged {
  const at = new Date(time).toISOString().replace(grain > 0 ? '.000' : '', '');
  const transition = { kind: 'transition', from: 'log', at, bootId: null, uptime: null, node, ...change } as const;
  return { transition, latest: time + grain };
}

/** `last` is what was told last of each aspect. */
function changesIn(
  line: string,
  meanings: readonly LineMeaning[],
  last: Map<string, string | null>,
): readonly Change[] {
  return saidBy(line, meanings).flatMap(({ what, of = null, after, why = null, ...said }) => {
    const aspect = aspectOf({ what, of });
    const before = last.get(aspect) ?? said.before ?? null;
    last.set(aspect, after);
    return before === after ? [] : [{ what, of, before, after, why }];
  });
}

/** By the first of the meanings whose words a line has. */
function saidBy(line: string, meanings: readonly LineMeaning[]): readonly Said[] {
  for (const { words, says } of meanings) {
    const match = words.exec(line);
    if (match !== null) return [says(match.slice(1))].flat();
  }
  return [];
}
