import fs from 'node:fs';

/**
 * What became of one test file.
 * @typedef {{ passed: number, failed: string[], skipped: string[] }} Outcome
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
  for (const { status, fullName } of results.flatMap(({ assertionResults }) => assertionResults)) {
    const name = `${file} > ${fullName}`;
    if (status === 'passed') outcome.passed++;
    else (status === 'failed' ? outcome.failed : outcome.skipped).push(name);
  }
  const trouble = troubleOf(outcome, results, ended);
  return trouble === null ? outcome : { ...outcome, failed: [...outcome.failed, `${file}: ${trouble}`] };
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
