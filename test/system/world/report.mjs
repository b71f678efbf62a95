import fs from 'node:fs';

/**
 * What became of one test file.
 * @typedef {{ passed: number, failed: string[], skipped: string[] }} Outcome `failed`: names, with why below, indented
 */

/** @type {() => Outcome} */
export const nothing = () => ({ passed: 0, failed: [], skipped: [] });

/**
 * Reads vitest's JSON report. What ended badly without a failed test, or ran no test, counts as one failed test.
 * @param {{ file: string, report: string, ended: string | null }} run `ended`: how vitest ended when not with exit code 0
 * @returns {Outcome}
 */
export function readOutcome({ file, report, ended }) {
  const results = readResults(report);
  const outcome = nothing();
  for (const { status, fullName, failureMessages } of results.flatMap(({ assertionResults }) => assertionResults)) {
    const name = `${file} > ${fullName}`;
    if (status === 'passed') outcome.passed++;
    else if (status === 'failed') outcome.failed.push(`${name}${why(failureMessages)}`);
    else outcome.skipped.push(name);
  }
  const trouble = troubleOf(outcome, results, ended);
  return trouble === null ? outcome : { ...outcome, failed: [...outcome.failed, `${file}: ${trouble}`] };
}

/** The beginning of what a failed test said, indented below its name: a log's end is often all that one gets to see. */
function why(messages) {
  const lines = messages.join('\n').split('\n').slice(0, 12);
  return lines.map((line) => `\n    ${line.slice(0, 300)}`).join('');
}

function readResults(report) {
  try {
    return JSON.parse(fs.readFileSync(report, 'utf8')).testResults;
  } catch {
    return [];
  }
}

function troubleOf({ passed, failed, skipped }, results, ended) {
  if (failed.length > 0) return null;
  if (ended !== null) return results.map(({ message }) => message.split('\n')[0]).find((line) => line) ?? ended;
  return passed + skipped.length === 0 ? 'ran no test' : null;
}

/**
 * Prints what was skipped, what failed, and the closing line; answers the exit code.
 * @param {readonly Outcome[]} outcomes
 */
export function tell(outcomes) {
  const failed = outcomes.flatMap((outcome) => outcome.failed);
  const skipped = outcomes.flatMap((outcome) => outcome.skipped);
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  console.log();
  for (const name of skipped) console.log(`skipped: ${name}`);
  for (const name of failed) console.log(`FAILED: ${name}`);
  console.log(`${passed} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
  return failed.length === 0 ? 0 : 1;
}
