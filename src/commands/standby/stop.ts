import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.js';
import { stopStandbys, type StoppedStandby } from '../../lifecycle/birth/standby/stop.js';

export default class StandbyStop extends BaseCommand {
  static override summary = 'end standbys: their clusters go, and no new ones are made';
  static override description =
    "Clusters that a create took stay: they are somebody's. Without an id the only standby is meant.";
  static override examples = [
    '<%= config.bin %> standby stop',
    '<%= config.bin %> standby stop s1 s2',
    '<%= config.bin %> standby stop --all',
  ];
  static override args = {
    standbys: Args.string({ description: "ids, as 'dbns standby list' tells them", ignoreStdin: true, multiple: true }),
  };
  static override flags = { all: Flags.boolean({ char: 'a', summary: 'all standbys; none is fine too' }) };

  async run(): Promise<{ stopped: readonly StoppedStandby[] }> {
    const { args, flags } = await this.parse(StandbyStop);
    // Like destroy, it goes on when it is interrupted.
    const context = { ...this.interruptible(), signal: new AbortController().signal };
    const stopped = await stopStandbys(args.standbys ?? [], flags.all, context);
    this.log(stopped.length === 0 ? 'Nothing stood by.' : `Stopped: ${stopped.map(({ id }) => id).join(', ')}`);
    return { stopped };
  }
}
