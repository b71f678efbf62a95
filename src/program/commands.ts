import type { Command } from '@oclif/core/command';
import { Plugin } from '@oclif/core/config';

/** The commands of `src/commands`: the manifest says what there are and of what words, and each is loaded when it is called. */
export class Commands extends Plugin {
  override async findCommand(id: string): Promise<Command.Class> {
    const { default: command } = (await import(`../commands/${id.replaceAll(':', '/')}.ts`)) as {
      readonly default: Command.Class;
    };
    command.id = id;
    command.plugin = this;
    return command;
  }
}
