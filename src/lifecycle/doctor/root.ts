import { ok, problem, type Check } from './diagnosis.js';
import type { Survey } from './survey.js';

/** Whoever is not root can make nothing, and does not see all. */
export function checkRoot({ machine }: Survey): Promise<readonly Check[]> {
  const found = 'not root, who alone can make clusters; some of what follows could not be looked at';
  return Promise.resolve([
    machine.isRoot ? ok('root', 'yes') : problem('root', found, ['sudo env "PATH=$PATH" dbns doctor']),
  ]);
}
