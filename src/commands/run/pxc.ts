import { RunCommand, runDescription, runFlags } from '../../cli/run-command.js';
import { pxcFlags, pxcSettings } from '../../cli/topologies/pxc.js';

export default class RunPxc extends RunCommand {
  static override summary =
    'run a command with a Percona XtraDB Cluster or MariaDB Galera cluster, made for it and destroyed after it';
  static override description = runDescription;
  static override examples = [
    '<%= config.bin %> run pxc --nodes 3 -- npm test',
    '<%= config.bin %> run pxc --keep-on-failure --report run.json -- ./check.sh',
  ];
  static override enableJsonFlag = false;
  static override strict = false;
  static override flags = { ...pxcFlags, ...runFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(RunPxc, this.before);
    await this.runMysqlds('pxc', flags, pxcSettings(flags));
  }
}
