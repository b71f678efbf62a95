import { Config } from '@oclif/core/config';
import { handle } from '@oclif/core/handle';
import { normalizeArgv } from '@oclif/core/help';
import { helpAddition } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import type { RunnableCommand } from '../cli/base-command.js';
import { commandNotFound } from '../cli/command-not-found.js';
import { OwnHelp } from '../cli/help.js';
import { watchStreams } from '../cli/streams.js';
import { packagePath } from '../host/package-files.js';
import { Commands } from './commands.js';

export { endWithoutOutput } from '../cli/streams.js';

/**
 * Does what the words of a call say, and tells how it ended by `process.exitCode`.
 * @returns the command that was called, e.g. `pxc:create`; null when none was
 */
export async function run(argv: readonly string[]): Promise<string | null> {
  const config = await load(packagePath('.'));
  const [id = '', ...words] = normalizeArgv(config, [...argv]);
  if (helpAddition([...argv], config)) return help(config, argv);
  const command = config.findCommand(id);
  if (command !== undefined) {
    const loaded = (await command.load()) as unknown as RunnableCommand;
    await loaded.runWith(words, config);
    return command.id;
  }
  if (config.findTopic(id) !== undefined) return help(config, [id]);
  commandNotFound({ id, argv: words, commands: config.commandIDs });
  return null;
}

/** The program: the words of the process, and its streams. */
export async function main(): Promise<string | null> {
  watchStreams();
  return run(process.argv.slice(2)).catch(async (error: unknown) => {
    await handle(error as Error);
    return null;
  });
}

/** Without a look for a file of colours of help. */
class PlainConfig extends Config {
  override loadTheme(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

async function load(root: string): Promise<Config> {
  // Under NODE_ENV=test or development oclif would look for TypeScript sources: dbns is often called from tests.
  settings.enableAutoTranspile = false;
  const commands = new Commands({ isRoot: true, root });
  await commands.load();
  const config = new PlainConfig({ root, plugins: new Map([[commands.name, commands]]) });
  await config.load();
  return config;
}

async function help(config: Config, argv: readonly string[]): Promise<null> {
  await new OwnHelp(config).showHelp([...argv]);
  return null;
}
