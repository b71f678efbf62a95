import { RunCommand, runDescription, runFlags } from '../../cli/run-command.js';
import { groupFlags, groupSettings } from '../../cli/topologies/group.js';

export default class RunGroup extends RunCommand {
  static override summary = 'run a command with a group of MySQL servers, made for it and destroyed after it';
  static override description = runDescription;
  static override examples = ['<%= config.bin %> run group -- go test ./...'];
  static override enableJsonFlag = false;
  static override strict = false;
  static override flags = { ...groupFlags, ...runFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(RunGroup, this.before);
    await this.runMysqlds('group', flags, groupSettings(flags));
  }
}
