import type { Cluster } from '../../cluster/cluster.js';
import { isInForce, type Slow } from '../../cluster/fault.js';
import type { Step } from '../../cluster/plan.js';
import type { Rules } from '../../cluster/rules.js';
import type { Machine } from '../../host/machine.js';
import { noQueuesText, queuesOf, queuesText, sendersOneByOne } from '../../network/queues.js';
import { queuesPresent } from '../../network/queues-present.js';
import { ONE_BY_ONE, segmentsOf, segmentsStep } from '../../network/gso.js';
import { forgetQueues, loadQueues, NO_QUEUES, saveQueues, type QueuesRecord } from '../../state/queues.js';
import { applyPlan } from '../apply.js';

/**
 * Makes the links of a cluster as slow as the faults in force have it, and no others. What is as it is to be is left alone,
 * for packets may wait there. How it was is written down before it is changed. Under the rules' lock.
 */
export async function slowLinks(machine: Machine, cluster: Cluster, rules: Rules): Promise<void> {
  const faults = slowsIn(machine, rules);
  const recorded = loadQueues(machine, cluster.name);
  if (recorded === null && faults.length === 0) return;
  const before = recorded ?? NO_QUEUES;
  const segments = await segmentChanges(machine, cluster, faults, before);
  const texts = await textChanges(machine, cluster, faults, before);
  await record(machine, cluster.name, { texts: meanwhile(texts), segments: meanwhile(segments) });
  const sequence = [...segments, ...texts].flatMap(({ step }) => step ?? []);
  await applyPlan({ sequence }, { machine, observer: {}, signal: new AbortController().signal, deadline: Infinity });
  await record(machine, cluster.name, { texts: afterwards(texts), segments: afterwards(segments) });
}

/** The faults in force by which links are slow. */
export function slowsIn(machine: Machine, { faults }: Pick<Rules, 'faults'>): readonly Slow[] {
  const now = machine.now();
  return faults.flatMap((fault) => (fault.kind === 'slow' && isInForce(fault, now) ? [fault] : []));
}

/** What becomes of one place, and what is known of it while that is done, and then; undefined is nothing. */
interface Change<T> {
  readonly place: string;
  readonly step: Step | null;
  readonly meanwhile: T | undefined;
  readonly afterwards: T | undefined;
}

async function textChanges(
  machine: Machine,
  cluster: Cluster,
  faults: readonly Slow[],
  { texts }: QueuesRecord,
): Promise<readonly Change<string | null>[]> {
  const present = await queuesPresent(machine);
  const wanted = new Map(queuesOf(cluster, faults).map((queues) => [queues.device, queuesText(queues)]));
  return union(wanted.keys(), texts).flatMap((place) => {
    const [text, isOurs] = [wanted.get(place), present.get(place)];
    if (isOurs === undefined) return [];
    const isRight = text === undefined ? !isOurs : isOurs && texts[place] === text;
    const argv = ['tc', '-batch', '-'];
    const acts = [{ do: 'run', argv, input: text ?? noQueuesText(place) }] as const;
    const step = isRight ? null : { step: `${text === undefined ? 'end' : 'make'} the queues of ${place}`, acts };
    return { place, step, meanwhile: isRight ? text : null, afterwards: text };
  });
}

async function segmentChanges(
  machine: Machine,
  cluster: Cluster,
  faults: readonly Slow[],
  { segments }: QueuesRecord,
): Promise<readonly Change<number>[]> {
  const wanted = sendersOneByOne(cluster, faults);
  const changes = union(wanted, segments).map(async (place) => {
    const now = await segmentsOf(machine, cluster, place);
    if (now === null) return [];
    // Another value than ours is its own: of a link that was made anew, or set by somebody since.
    const own = now === ONE_BY_ONE ? (segments[place] ?? now) : now;
    const then = wanted.has(place) ? ONE_BY_ONE : own;
    const step = now === then ? null : segmentsStep(machine, cluster, place, then);
    return [{ place, step, meanwhile: own, afterwards: wanted.has(place) ? own : undefined }];
  });
  return (await Promise.all(changes)).flat();
}

function union(wanted: Iterable<string>, recorded: object): readonly string[] {
  return [...new Set([...wanted, ...Object.keys(recorded)])];
}

const meanwhile = <T>(changes: readonly Change<T>[]) => known(changes, (change) => change.meanwhile);
const afterwards = <T>(changes: readonly Change<T>[]) => known(changes, (change) => change.afterwards);

function known<T>(changes: readonly Change<T>[], what: (change: Change<T>) => T | undefined): Record<string, T> {
  const entries = changes.flatMap((change) => {
    const value = what(change);
    return value === undefined ? [] : [[change.place, value] as const];
  });
  return Object.fromEntries(entries);
}

/** Where nothing is known there is no file. */
async function record(machine: Machine, cluster: string, queues: QueuesRecord): Promise<void> {
  const isEmpty = Object.keys({ ...queues.texts, ...queues.segments }).length === 0;
  await (isEmpty ? forgetQueues(machine, cluster) : saveQueues(machine, cluster, queues));
}
