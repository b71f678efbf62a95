import { UsageError } from '../../errors/errors.js';
import type { StatusColumn } from '../../topologies/topology.js';
import type { NodeView } from '../view.js';

/** What is waited for: what is amiss with nodes now, the end of a sentence; null when nothing is. */
export type Condition = (nodes: readonly NodeView[], columns: readonly StatusColumn[]) => string | null;

/** The words of conditions. */
export const CONDITIONS = 'ready, synced, primary, role=ROLE, size=N, lag=DURATION, stopped, dead';

type Test = (node: NodeView, columns: readonly StatusColumn[]) => boolean;

const WORDS: Readonly<Record<string, Condition>> = {
  ready: each('ready', ({ healthy }) => healthy),
  synced: each('synced', (node, columns) => node.healthy && numberIn(node, columns, 'missing') === 0),
  primary: (nodes) => (nodes.some(isPrimary) ? null : `none of ${nodes.map(inWords).join(', ')} is a primary`),
  stopped: each('stopped', ({ process }) => process === 'stopped'),
  dead: each('dead', ({ process }) => process === 'dead' || process === 'missing'),
};

const WITH_VALUE: Readonly<Record<string, (value: string, milliseconds: (text: string) => number) => Condition>> = {
  role: (value) => each(`a ${value}`, ({ role, roleKnown }) => roleKnown && role === value),
  size: (value) => (nodes) => {
    const count = nodes.filter(({ healthy }) => healthy).length;
    return count === Number(value) ? null : `${count} of ${nodes.map(inWords).join(', ')} are ready`;
  },
  lag: (value, milliseconds) => {
    const most = milliseconds(value) / 1000;
    return each(`within ${most} s`, (node, columns) => node.healthy && numberIn(node, columns, 'lag') <= most);
  },
};

/**
 * Reads a condition.
 * @param milliseconds reads a duration
 * @throws UsageError for what is none.
 */
export function conditionOf(text: string, milliseconds: (text: string) => number): Condition {
  const [word = '', value] = text.split('=', 2);
  const condition = value === undefined ? WORDS[word] : WITH_VALUE[word]?.(value, milliseconds);
  const isBadSize = word === 'size' && !/^\d+$/.test(value ?? '');
  if (condition === undefined || value === '' || isBadSize)
    throw new UsageError(`--for ${text}: wait for one of ${CONDITIONS}.`);
  return condition;
}

function each(wanted: string, is: Test): Condition {
  return (nodes, columns) => {
    const not = nodes.filter((node) => !is(node, columns));
    return not.length === 0 ? null : `not ${wanted}: ${not.map(inWords).join(', ')}`;
  };
}

function isPrimary({ role, roleKnown, healthy }: NodeView): boolean {
  return role === 'primary' && roleKnown && healthy;
}

/** The largest number in a column of a node's status; 0 where the topology has no such column, or nothing stands in it. */
function numberIn({ status }: NodeView, columns: readonly StatusColumn[], head: string): number {
  const column = columns.find((candidate) => candidate.head === head);
  if (column === undefined) return 0;
  const list = column.of === undefined ? [status] : status[column.of];
  const rows = Array.isArray(list) ? (list as readonly Readonly<Record<string, unknown>>[]) : [];
  return Math.max(0, ...rows.map((row) => Number(row[column.key] ?? 0)));
}

function inWords({ name, process, role, status }: NodeView): string {
  const state = typeof status.state === 'string' ? `, ${status.state}` : '';
  return `${name} (${process}, ${role}${state})`;
}
