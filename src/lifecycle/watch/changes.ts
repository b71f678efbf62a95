import { aspectOf, type Change } from '../../cluster/event.js';
import type { Exit } from '../../servers/exit.js';
import { stateIn, type StateNow, type Transitions } from '../../topologies/transitions.js';
import { ANSWER_TIMEOUT } from '../status.js';
import type { NodeSeen } from '../view.js';

/** What was known of a node last. */
interface Known {
  /** When it was, ms. */
  readonly at: number;
  readonly process: string | null;
  readonly role: string | null;
  /** By aspect; of one that does not run nothing. */
  readonly state: ReadonlyMap<string, StateNow>;
}

const NOTHING: Known = { at: 0, process: null, role: null, state: new Map() };

/**
 * Compares each view of a node with the one before: what changed. Of the first one that is all that it says: so nothing is
 * missed that happens while a listener comes.
 */
export function changesSeen(transitions: Transitions | null) {
  const known = new Map<string, Known>();
  return {
    /** @param now ms, of a clock that only goes on */
    see(view: NodeSeen, now: number): readonly Change[] {
      const before = known.get(view.name) ?? NOTHING;
      // One that starts or ends refuses for a moment: only when it goes on does it not answer.
      if (before !== NOTHING && isUnanswered(view) && now - before.at < ANSWER_TIMEOUT) return [];
      const after = knownBy(view, before, transitions, now);
      known.set(view.name, after);
      return changesBetween(before, after, view.exit);
    },
  };
}

function isUnanswered({ process }: NodeSeen): boolean {
  return process === 'unresponsive' || process === 'slow';
}

/** Who does not answer is as it was, for all that is known. */
function knownBy(view: NodeSeen, before: Known, transitions: Transitions | null, now: number): Known {
  const { process, role, roleKnown, status } = view;
  const at = isUnanswered(view) ? before.at : now;
  const last = { role: before.role, state: before.state };
  if (process !== 'running') return { at, process, ...last, ...(view.pid === null && { state: new Map() }) };
  const state = transitions === null ? [] : stateIn(transitions, status);
  return {
    ...{ at, process, role: roleKnown ? role : last.role },
    state: new Map(state.map((one) => [aspectOf(one), one])),
  };
}

function changesBetween(before: Known, after: Known, exit: Exit | null): readonly Change[] {
  const process = change({ what: 'process', before: before.process, after: after.process, why: endOf(exit) });
  const role = change({ what: 'role', before: before.role, after: after.role });
  // What ended says nothing any more: that it ended is told.
  if (after.state.size === 0 && after.process !== 'running') return [...process, ...role];
  const aspects = new Set([...before.state.keys(), ...after.state.keys()]);
  const state = [...aspects].flatMap((aspect) => {
    const [was, is] = [before.state.get(aspect), after.state.get(aspect)];
    const { what, of } = is ?? was ?? { what: aspect, of: null };
    return change({ what, of, before: was?.value ?? null, after: is?.value ?? null, why: is?.why ?? null });
  });
  return [...process, ...role, ...state];
}

function change(one: Partial<Change> & Pick<Change, 'what' | 'before' | 'after'>): readonly Change[] {
  const { what, of = null, before, after, why = null } = one;
  return before === after ? [] : [{ what, of, before, after, why }];
}

function endOf(exit: Exit | null): string | null {
  return exit === null ? null : (exit.signal ?? `exit code ${exit.code ?? '?'}`);
}
