import { PHASES } from './phases.mjs';

/**
 * The document in words, for people.
 * @param {import('./document.mjs').Document} document
 */
export function textOf({ words, machine, summary, tail, failures }) {
  return [
    title(words, machine),
    times(summary, words),
    ratios(summary),
    differences(summary),
    memory(summary),
    phases(summary, tail),
    slowest(tail),
    failed(failures),
  ]
    .filter((part) => part !== null)
    .join('\n\n');
}

function title({ topology, nodes, image }, { cpus, kernel, node, load }) {
  return `${topology}, ${nodes} nodes, ${image}; ${cpus} CPUs, Linux ${kernel}, node ${node}, load ${load.map((x) => x.toFixed(2)).join(' ')} at the start`;
}

function times({ rows, fellBack }, { runs, recipeRuns, parts }) {
  const fewer =
    parts.includes('create') && recipeRuns < runs
      ? `The recipe is slow: ${recipeRuns} of ${runs} rounds have it.`
      : null;
  const body = rows.map((row) => [row.name, String(row.runs), ...[row.median, row.min, row.max].map(seconds)]);
  const fell = fellBack > 0 ? `${fellBack} create(s) fell back to a slower way of forming.` : null;
  return [table(['', 'runs', 'median', 'min', 'max'], body), fewer, fell].filter((line) => line !== null).join('\n');
}

function ratios({ ratios }) {
  if (ratios.length === 0) return null;
  const body = ratios.map(({ name, ratio, wanted }) => [name, ratio.toFixed(2), wanted ?? '']);
  return table(['ratio of medians', '', 'wanted'], body);
}

function differences({ differences }) {
  if (differences.length === 0) return null;
  const body = differences.map(({ name, ms, wanted }) => [name, seconds(ms), wanted ?? '']);
  return table(['difference of medians', '', 'wanted'], body);
}

function memory({ memory }) {
  if (memory.length === 0) return null;
  const row = (name, { median, min, max }) => [name, ...[median, min, max].map(megabytes)];
  const body = memory.flatMap(({ part, resident, proportional }) => [
    row(`${part}: resident (VmRSS)`, resident),
    row(`${part}: proportional (Pss)`, proportional),
  ]);
  return table(['memory', 'median', 'min', 'max'], body);
}

function phases({ phases }, tail) {
  if (phases === null) return null;
  const columns = [
    ['warm', phases.warm],
    ['cold', phases.cold],
    ['slowest', tail?.slowest.phases],
  ].filter(([, of]) => of);
  const names = Object.keys(PHASES).filter((phase) => columns.some(([, of]) => phase in of));
  const body = names.map((phase) => [
    phase,
    ...columns.map(([, of]) => (phase in of ? seconds(of[phase]) : '')),
    PHASES[phase],
  ]);
  return table(['phase (median)', ...columns.map(([name]) => name), ''], body);
}

function slowest(tail) {
  if (tail === null) return null;
  const { run, ms, fellBack, load, lines } = tail.slowest;
  return [
    `median ${seconds(tail.median)}, p95 ${seconds(tail.p95)}, slowest ${seconds(ms)}`,
    `The slowest was run ${run} at a load of ${load.toFixed(2)}${fellBack ? ', and fell back to a slower way of forming' : ''}; it said:`,
    ...lines.map(({ at, text }) => `  ${seconds(at)}  ${text}`),
  ].join('\n');
}

function failed(failures) {
  if (failures.length === 0) return null;
  return [
    'FAILED, and in no figure above:',
    ...failures.map(({ name, message }) => `  ${name}: ${message.split('\n')[0]}`),
  ].join('\n');
}

/** Columns in line: the first and texts to the left, numbers to the right. */
function table(head, body) {
  const all = [head, ...body];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const isText = (column) => column === 0 || body.every((row) => !/^\d/.test(row[column]));
  const cell = (text, column) => (isText(column) ? text.padEnd(widths[column]) : text.padStart(widths[column]));
  return all.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(3)} s`;
}

function megabytes(bytes) {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
