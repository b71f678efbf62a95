import { StandbyCommand, standbyDescription } from '../../../cli/standby-command.js';
import { standbyFlags } from '../../../cli/standby.js';
import { mongoFlags, mongoWords } from '../../../cli/topologies/mongo.js';

export default class StandbyStartMongo extends StandbyCommand {
  static override summary =
    'keep MongoDB replica sets or sharded clusters formed and ready for the next create of the same words';
  static override description = standbyDescription;
  static override examples = ['<%= config.bin %> standby start mongo --nodes 3'];
  static override flags = standbyFlags(mongoFlags);

  async run() {
    const parsed = await this.parse(StandbyStartMongo);
    return this.stand('mongo', parsed, StandbyStartMongo.flags, mongoWords(parsed.flags));
  }
}
