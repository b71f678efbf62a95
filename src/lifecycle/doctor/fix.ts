import { messageOf } from '../../errors/errors.js';
import { adviceOf, problem, type Check } from './diagnosis.js';

/** Something that is not as it should be, and what sets it right. */
export interface Fault {
  readonly found: string;
  readonly fix: () => Promise<void>;
}

/** What was set right, and what could not be. */
export interface Fixed {
  readonly fixed: readonly string[];
  readonly failed: readonly Check[];
}

/** One after another; one that fails, and is told under `name`, does not keep the others. */
export async function fixAll(name: string, faults: readonly Fault[]): Promise<Fixed> {
  const fixed: string[] = [];
  const failed: Check[] = [];
  for (const { found, fix } of faults) {
    await fix().then(
      () => fixed.push(found),
      (error: unknown) => failed.push(problem(name, messageOf(error), adviceOf(error))),
    );
  }
  return { fixed, failed };
}
