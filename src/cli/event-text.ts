import type { ClusterEvent, Transition, VerbEvent } from '../cluster/event.js';
import { between, type Moment } from '../cluster/moment.js';

/** Tells events, a line each: when, how long after the last verb began, of which node, and what. */
export function eventTeller(): (event: ClusterEvent) => string {
  let begun: VerbEvent | null = null;
  return (event) => {
    const after = begun === null ? '' : secondsSince(begun, event);
    if (event.kind === 'verb' && (event.outcome === 'begun' || event.from === 'keeper')) begun = event;
    const [who, what] = event.kind === 'verb' ? verbText(event) : transitionText(event);
    return `${event.at.padEnd(24)}  ${after.padStart(9)}  ${who.padEnd(6)}  ${what}`.trimEnd();
  };
}

/** Nothing where logs know less: what is told to the second may seem to be before. */
function secondsSince(begun: VerbEvent, event: ClusterEvent): string {
  const milliseconds = isMoment(event) ? between(begun, event) : Date.parse(event.at) - Date.parse(begun.at);
  return milliseconds < 0 ? '' : `+${(milliseconds / 1000).toFixed(2)} s`;
}

function isMoment(event: ClusterEvent): event is ClusterEvent & Moment {
  return event.bootId !== null;
}

function verbText({ from, verb, nodes, about, outcome, error }: VerbEvent): readonly [string, string] {
  const words = [verb, ...nodes, ...(about === null ? [] : [`(${about})`])].join(' ');
  const why = error === null ? '' : `: ${error.code}, ${error.message}`;
  return [from, from === 'keeper' ? words : `${words}: ${outcome}${why}`];
}

function transitionText({ node, what, of, before, after, why, from }: Transition): readonly [string, string] {
  const change = before === null ? (after ?? 'gone') : `${before} → ${after ?? 'gone'}`;
  const about = of === null ? what : `${what} ${of}`;
  return [node, `${about} ${change}${why === null ? '' : ` (${why})`}${from === 'log' ? '  [log]' : ''}`];
}
