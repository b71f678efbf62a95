import { ConflictError, UsageError } from '../../errors/errors.js';
import { positionText, type NoPosition, type Position } from './position.js';

/** A node whose server does not run. */
export interface Standing {
  readonly node: string;
  readonly position: Position | NoPosition;
  /** It is to be started. */
  readonly starting: boolean;
}

/** Who begins a cluster of which no node runs. Names are in the order in which the nodes were given. */
export interface Choice {
  /** Whose data count. */
  readonly begins: string;
  /** They and `begins` are of one history, and none is further: they can form by a recorded view, each at its position. */
  readonly follow: readonly string[];
  /** They have no position, so they join and take all data over. */
  readonly join: readonly string[];
  /** What they have and `begins` has not is lost, by the user's word: they forget their position, and join. */
  readonly forget: readonly string[];
  /** Why. */
  readonly note: string;
}

type Known = Standing & { readonly position: Position };

/**
 * Whose data count: the furthest's of all that do not run, for what it alone has would be lost. `safe_to_bootstrap` is not
 * asked: only the last to leave in order has it, and then it is the furthest, and a directory with nothing may have it too.
 * @throws ConflictError when nobody can tell, or the furthest is not to be started; UsageError for a `bootstrap` with no data.
 */
export function choose(cluster: string, standings: readonly Standing[], bootstrap: string | null): Choice {
  const known = standings.filter(isKnown);
  const begins = bootstrap === null ? furthest(cluster, known) : named(known, standings, bootstrap);
  const starting = standings.filter((one) => one.starting && one.node !== begins.node);
  const namesOf = (some: readonly Standing[]) => some.map(({ node }) => node);
  const others = starting.filter(isKnown);
  const follows = ({ position }: Known) =>
    position.uuid === begins.position.uuid && position.seqno <= begins.position.seqno;
  return {
    begins: begins.node,
    follow: namesOf(others.filter(follows)),
    join: namesOf(starting.filter((one) => !isKnown(one))),
    forget: namesOf(others.filter((one) => !follows(one))),
    note: bootstrap === null ? whyFurthest(begins, known) : `${begins.node} begins, by your word: its data count.`,
  };
}

function isKnown(standing: Standing): standing is Known {
  return typeof standing.position !== 'string';
}

function furthest(cluster: string, known: readonly Known[]): Known {
  assertOneHistory(cluster, known);
  const most = Math.max(...known.map(({ position }) => position.seqno));
  const ahead = known.filter(({ position }) => position.seqno === most);
  const begins = ahead.find(({ starting }) => starting);
  if (begins !== undefined) return begins;
  const [first] = ahead;
  if (first === undefined)
    throw new ConflictError(`No node of '${cluster}' knows a position: there is nobody to begin with.`, {
      suggestions: [`dbns logs ${cluster}`, `dbns destroy ${cluster}`],
    });
  throw new ConflictError(
    `${first.node} is the furthest of '${cluster}' (${positionText(first.position)}), and is not to be started: what it alone has would be lost.`,
    { suggestions: [`dbns start ${cluster} ${first.node}`, ...bootstraps(cluster, known.filter(isStarting))] },
  );
}

const isStarting = ({ starting }: Standing) => starting;

function assertOneHistory(cluster: string, known: readonly Known[]): void {
  const uuids = [...new Set(known.map(({ position }) => position.uuid))];
  if (uuids.length < 2) return;
  const parts = uuids.map((uuid) => {
    const names = known.filter(({ position }) => position.uuid === uuid).map(({ node }) => node);
    return `${names.join(', ')} ${names.length === 1 ? 'has' : 'have'} ${uuid}`;
  });
  throw new ConflictError(
    `The data directories of '${cluster}' are of ${uuids.length} histories: ${parts.join('; ')}. Nobody but you can tell which counts; the other is lost.`,
    { suggestions: bootstraps(cluster, known) },
  );
}

function bootstraps(cluster: string, nodes: readonly Standing[]): readonly string[] {
  return nodes.map(({ node }) => `dbns start ${cluster} --bootstrap ${node}`);
}

function named(known: readonly Known[], standings: readonly Standing[], name: string): Known {
  const found = known.find(({ node }) => node === name);
  if (found?.starting === true) return found;
  const standing = standings.find(({ node }) => node === name);
  if (standing?.starting !== true)
    throw new UsageError(`${name} is to begin (--bootstrap), and is not among the nodes to start.`);
  const why = standing.position === 'nothing' ? 'its directory has no data of a cluster' : 'its position is not known';
  throw new UsageError(`${name} can't begin (--bootstrap): ${why}.`);
}

function whyFurthest(begins: Known, known: readonly Known[]): string {
  const others = known.filter(({ node }) => node !== begins.node);
  if (others.length === 0) return `${begins.node} begins: it alone has data.`;
  const behind = others.some(({ position }) => position.seqno < begins.position.seqno);
  if (!behind) return `${begins.node} begins: all are equally far.`;
  const level = others.some(({ position }) => position.seqno === begins.position.seqno);
  return `${begins.node} begins: ${level ? 'nobody is further' : 'it is the furthest'}.`;
}

/** How far a node is, in a sentence. */
export function positionNote({ node, position }: Standing): string {
  if (position === 'nothing') return `${node} has no data of a cluster: it takes all over from another.`;
  if (position === 'unknown') return `${node} does not know its position: it takes all data over from another.`;
  return `${node} is at ${positionText(position)}.`;
}
