import { execute } from '@oclif/core/execute';
import { settings } from '@oclif/core/settings';
import { watchStreams } from './streams.js';

/** Runs the command that the call's words name. `dir`: where the program is; oclif looks for package.json from there upwards. */
export async function main(dir: string): Promise<void> {
  // Under NODE_ENV=test or development oclif would look for TypeScript sources: dbns is often called from tests.
  settings.enableAutoTranspile = false;
  watchStreams();
  await execute({ dir });
}
