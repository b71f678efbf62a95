import { PHASES } from './phases.mjs';
import { median, percentile, summarise } from './statistics.mjs';

/** Ratios and differences of medians that are told, when both were measured. */
const RATIOS = /** @type {const} */ ([
  ['recipe', 'warm'],
  ['warm', 'limit'],
  ['warm', 'galera limit'],
  ['cold', 'warm'],
  ['reset of 3', 'warm of 3'],
  ['standby take', 'warm beside take'],
  ['TLS offered', 'without TLS'],
  ['promote', 'promote: longest gap'],
  ['start', 'warm'],
  ['start after kill', 'warm'],
  ['--version', 'node -e 0'],
  ['list', 'node -e 0'],
  ['create --dry-run', 'node -e 0'],
  ['status', 'node -e 0'],
  ['destroy', 'node -e 0'],
]);
const DIFFERENCES = /** @type {const} */ ([
  ['warm', 'limit'],
  ['add', 'join by hand'],
  ['add', 'one server'],
  ['two zones', 'one bridge'],
  ['routed', 'one bridge'],
  ['by IPv6 too', 'one bridge'],
]);

/**
 * What the samples say.
 * @param {import('./parts.mjs').Samples} samples
 * @param {Readonly<Record<string, string>>} wanted ratio or difference → what the project wants of it
 */
export function summaryOf(samples, wanted) {
  const measured = Object.entries(samples).filter(([, all]) => all.length > 0);
  const rows = measured.map(([name, all]) => ({ name, ...summarise(all.map(({ ms }) => ms)) }));
  const medianOf = (name) => rows.find((row) => row.name === name)?.median ?? NaN;
  const both = ([one, other]) => !Number.isNaN(medianOf(one) + medianOf(other));
  const named = (name, value) => ({ name, ...value, wanted: wanted[name] ?? null });
  const { warm = [], cold = [] } = samples;
  return {
    rows,
    ratios: RATIOS.filter(both).map(([over, under]) =>
      named(`${over} / ${under}`, { ratio: medianOf(over) / medianOf(under) }),
    ),
    differences: DIFFERENCES.filter(both).map(([from, less]) =>
      named(`${from} - ${less}`, { ms: medianOf(from) - medianOf(less) }),
    ),
    phases:
      warm.length === 0 ? null : { warm: medianPhases(warm), ...(cold.length > 0 && { cold: medianPhases(cold) }) },
    memory: memory([...warm, ...(samples['proxy create'] ?? [])]),
    fellBack: [...cold, ...warm].filter((sample) => sample.fellBack).length,
  };
}

/** The tail of many warm creates, and where the slowest of them spent its time. @param {import('./parts.mjs').Samples} samples */
export function tailOf({ warm }) {
  if (warm.length === 0) return null;
  const times = warm.map(({ ms }) => ms);
  const slowest = warm.reduce((a, b) => (b.ms > a.ms ? b : a));
  const { ms, phases, fellBack, lines, load } = slowest;
  const run = warm.indexOf(slowest) + 1;
  return { median: median(times), p95: percentile(times, 0.95), slowest: { run, ms, phases, fellBack, load, lines } };
}

function medianPhases(samples) {
  const names = Object.keys(PHASES).filter((phase) => samples.some(({ phases }) => phase in phases));
  return Object.fromEntries(
    names.map((phase) => [phase, median(samples.flatMap(({ phases }) => phases[phase] ?? []))]),
  );
}

/** Bytes a process, by what it is, over all that were made. */
function memory(samples) {
  const parts = [...new Set(samples.flatMap((sample) => Object.keys(sample.memory)))];
  return parts.map((part) => {
    const all = samples.flatMap((sample) => sample.memory[part] ?? []);
    return {
      part,
      resident: summarise(all.map(({ resident }) => resident)),
      proportional: summarise(all.map(({ proportional }) => proportional)),
    };
  });
}
