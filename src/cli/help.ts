import { Help } from '@oclif/core/help';

/** oclif's help; for words that are no command it says what the call without `--help` would. */
export class OwnHelp extends Help {
  override async showHelp(argv: string[]): Promise<void> {
    try {
      await super.showHelp(argv);
    } catch {
      const words = argv.filter((word) => !word.startsWith('-') && word !== 'help');
      await this.config.runHook('command_not_found', { id: words.join(':'), argv });
    }
  }
}
