/**
 * A line of dbns's progress. `at`: ms since its process was spawned.
 * @typedef {{at: number, text: string}} Line
 */

/** The phases of a create, in their order, and what each is. */
export const PHASES = /** @type {const} */ ({
  start: 'node starts, the machine is looked at, the plan is made',
  pristine: 'the pristine directory is made (cold only)',
  ground: 'network, directories, clones',
  servers: 'until the last socket is there',
  formed: 'until the cluster stands',
  finish: 'accounts, what was set while forming, login at each address, state saved',
  exit: 'until the process has ended',
});

/** @typedef {Partial<Record<keyof typeof PHASES, number>>} Phases ms of each */

/** A phase's first line of progress. */
const LINES = {
  pristine: /^make the pristine/,
  ground: /^prepare the network/,
  servers: /^start /,
  finish: /ask every node at its address$/,
};

/**
 * Cuts a create into phases: by its lines of progress, by its last socket, by its output.
 * @param {{lines: readonly Line[], socketsAt: number, outputAt: number, ms: number}} marks
 * @returns {Phases}
 */
export function phasesOf({ lines, socketsAt, outputAt, ms }) {
  const lineAt = (phase) => lines.find(({ text }) => LINES[phase].test(withoutTime(text)))?.at;
  const begins = [
    ['start', 0],
    ['pristine', lineAt('pristine')],
    ['ground', lineAt('ground')],
    ['servers', lineAt('servers')],
    ['formed', socketsAt === 0 ? undefined : socketsAt],
    ['finish', lineAt('finish')],
    ['exit', outputAt],
  ].filter(([, at]) => at !== undefined);
  return Object.fromEntries(begins.map(([phase, at], index) => [phase, (begins[index + 1]?.[1] ?? ms) - at]));
}

/** `[0.1 s] words` → `words`. */
function withoutTime(text) {
  return text.replace(/^\[[^\]]*\] /, '');
}
