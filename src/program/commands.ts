import type { Command } from '@oclif/core/command';
import { Plugin } from '@oclif/core/config';
import type { PJSON } from '@oclif/core/interfaces';
import { packageFile } from '../host/package-files.js';

/** The commands of `src/commands`: the manifest says what there are and of what words, and each is loaded when it is called. */
export class Commands extends Plugin {
  /** In place of oclif's, which looks for files, and sorts as the user's language does: that takes ICU some 10 ms to learn. */
  override load(): Promise<void> {
    const pjson = JSON.parse(packageFile('package.json')) as PJSON;
    const { name, version } = pjson;
    const manifest = JSON.parse(packageFile('oclif.manifest.json')) as Plugin['manifest'];
    const commands = Object.values(manifest.commands)
      .map((command) => ({ ...command, load: () => this.findCommand(command.id) }))
      .sort((one, other) => (one.id < other.id ? -1 : 1));
    const { root } = this.options;
    Object.assign(this, { root, pjson, name, alias: name, version, type: 'core', isRoot: true, valid: true });
    Object.assign(this, { moduleType: 'module', hooks: {}, hasManifest: true, manifest });
    Object.assign(this, { commands, commandIDs: commands.map(({ id }) => id) });
    return Promise.resolve();
  }

  override async findCommand(id: string): Promise<Command.Class> {
    const { default: command } = (await import(`../commands/${id.replaceAll(':', '/')}.ts`)) as {
      readonly default: Command.Class;
    };
    command.id = id;
    command.plugin = this;
    return command;
  }
}
