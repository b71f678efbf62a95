import type { OptionRow, OptionsView } from '../lifecycle/change/options.js';
import { colour } from './colour.js';
import { table } from './table.js';

/** The table of `dbns options`, and who did not answer. */
export function optionsText({ nodes, options, silent }: OptionsView): string {
  return [
    options.length === 0
      ? `All is at the defaults on ${nodes.join(', ')}.`
      : table(
          ['option', 'value', 'on', 'default'],
          options.flatMap((row) => linesOf(row, nodes)),
        ),
    ...silent.map(({ node, why }) => colour.yellow(`${node} does not answer: ${why}`)),
  ].join('\n');
}

/** A line for each value, with the nodes that have it. */
function linesOf(
  { name, values, default: usual, isGiven, pending }: OptionRow,
  nodes: readonly string[],
): readonly string[][] {
  const holders = new Map<string, string[]>();
  for (const node of nodes) {
    const now = node in values ? shown(values[node] ?? null) : '(not known)';
    const value = pending[node] === undefined ? now : `${now}, then ${shown(pending[node])}`;
    holders.set(value, [...(holders.get(value) ?? []), node]);
  }
  const isCommon = holders.size === 1;
  return [...holders].map(([value, who], line) => [
    line === 0 ? `${name}${isGiven ? '*' : ''}` : '',
    isCommon ? value : colour.yellow(value),
    isCommon ? 'all' : who.join(', '),
    line === 0 ? (usual === null ? '-' : shown(usual)) : '',
  ]);
}

const LONGEST = 40;

/** All of it is in the JSON. */
function shown(value: string | null): string {
  if (value === null) return 'NULL';
  if (value === '') return "''";
  return value.length > LONGEST ? `${value.slice(0, LONGEST - 1)}…` : value;
}
