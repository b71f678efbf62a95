import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../cli/base-command.js';
import { OwnHelp } from '../cli/help.js';

export default class HelpCommand extends BaseCommand {
  static override summary = 'show what a command is for';
  static override examples = ['<%= config.bin %> help', '<%= config.bin %> help pxc create'];
  static override enableJsonFlag = false;
  static override strict = false;
  static override args = { command: Args.string({ description: 'words of a command' }) };
  static override flags = {
    'nested-commands': Flags.boolean({ char: 'n', summary: 'with the commands of each topic' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(HelpCommand);
    await new OwnHelp(this.config, { all: flags['nested-commands'] }).showHelp(argv as string[]);
  }
}
