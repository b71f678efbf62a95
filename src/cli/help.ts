import { Help } from '@oclif/core/help';
import { commandNotFound } from './command-not-found.js';

/** oclif's help; for words that are no command it says what the call without `--help` would. */
export class OwnHelp extends Help {
  override async showHelp(argv: string[]): Promise<void> {
    try {
      await super.showHelp(argv);
    } catch {
      const words = argv.filter((word) => !word.startsWith('-') && word !== 'help');
      commandNotFound({ id: words.join(':'), argv, commands: this.config.commandIDs });
    }
  }
}
