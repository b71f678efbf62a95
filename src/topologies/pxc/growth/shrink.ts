import { namesOf, without, type Cluster, type Node } from '../../../cluster/cluster.js';
import { ConflictError } from '../../../errors/errors.js';
import type { Leaving, ShrinkRequest } from '../../growth.js';
import { meetingStep } from '../finish.js';
import { membersSteps } from './members.js';
import { positionText, savedState, type NoPosition, type Position } from '../position.js';
import { primaryOf, statusOf } from '../status.js';

/** Who leaves in order takes itself out of the quorum; so it is enough that those that stay have one. */
export async function shrink(request: ShrinkRequest): Promise<Leaving> {
  const { setting, leaving, force } = request;
  const rest = without(setting.cluster, leaving);
  const amiss = await amissIn(request, rest);
  if (amiss !== null && !force) throw new ConflictError(amiss.sentence, { suggestions: amiss.suggestions });
  const leave = leaving.map(({ address }) => address);
  // They may be as an `add` left them that was broken off.
  const met = leaving.every(isAdded) ? [] : rest.nodes.filter((node) => runs(request.running, node));
  return {
    notes: amiss === null ? quorumNotes(request, rest) : [amiss.sentence],
    settings: setting.cluster.settings,
    before: { sequence: [] },
    after: {
      parallel: [
        ...membersSteps(setting.machine, rest.nodes, { leave }),
        ...met.map((node) => meetingStep(setting, node, false)),
      ],
    },
  };
}

/** What would be lost or stand still, and what to do before. */
interface Amiss {
  readonly sentence: string;
  readonly suggestions: readonly string[];
}

const isAdded = ({ phase }: Node) => phase === 'added';

/** Of nodes that never came, or that are half gone already, nothing depends. */
async function amissIn({ setting, leaving, running }: ShrinkRequest, rest: Cluster): Promise<Amiss | null> {
  const { name } = setting.cluster;
  const goers = leaving.filter(isAdded);
  if (goers.length === 0) return null;
  const stayers = rest.nodes.filter((node) => isAdded(node) && runs(running, node));
  if (stayers.length > 0) {
    if (primaryOf(stayers, await statusOf(setting, stayers)).length > 0) return null;
    return {
      sentence: `${namesOf(stayers)} of '${name}' ${stayers.length === 1 ? 'stays' : 'stay'}, in no primary component, and would not get into one by that.`,
      suggestions: [`dbns stop ${name}`, `dbns start ${name}`, 'Or --force: remove them all the same'],
    };
  }
  const last = goers.filter((node) => runs(running, node));
  if (last.length > 0)
    return {
      sentence: `No node of '${name}' that stays runs: what was written on ${namesOf(last)} since would be lost.`,
      suggestions: [`dbns start ${name} ${namesOf(rest.nodes.filter(isAdded), ' ')}`],
    };
  const stays = rest.nodes.filter(isAdded).map((node) => savedState(setting, node));
  const furthest = goers.find((node) => !isCovered(savedState(setting, node), stays));
  if (furthest === undefined) return null;
  return {
    sentence: `${whatItHas(furthest, savedState(setting, furthest))}, and no node of '${name}' runs: what it alone has would be lost.`,
    suggestions: [`dbns start ${name}`, 'Or --force: lose it'],
  };
}

function runs(running: readonly Node[], { name }: Node): boolean {
  return running.some((node) => node.name === name);
}

/** Whether one of those that stay has all that a directory has. */
export function isCovered(position: Position | NoPosition, stays: readonly (Position | NoPosition)[]): boolean {
  if (position === 'nothing') return true;
  if (position === 'unknown') return false;
  return stays.some((one) => typeof one === 'object' && one.uuid === position.uuid && one.seqno >= position.seqno);
}

function whatItHas({ name }: Node, position: Position | NoPosition): string {
  return typeof position === 'object'
    ? `None that stays is as far as ${name} (${positionText(position)})`
    : `Nobody knows how far ${name} is`;
}

/** What those that stay bear. */
function quorumNotes({ leaving }: ShrinkRequest, rest: Cluster): readonly string[] {
  if (!leaving.some(isAdded)) return [];
  return [quorumNote(rest.nodes.filter(({ phase, wanted }) => phase === 'added' && wanted === 'running').length)];
}

/** @param count of the nodes that stay and are to run */
export function quorumNote(count: number): string {
  if (count === 0) return 'None of those that stay is to run.';
  if (count === 1) return '1 node stays: it has no other to take over from it.';
  if (count === 2) return '2 nodes stay: when one of them is lost the other is no primary component.';
  const lost = Math.floor((count - 1) / 2);
  return `${count} nodes stay: ${lost} of them may be lost at once.`;
}
