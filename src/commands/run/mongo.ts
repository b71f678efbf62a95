import { RunCommand, runDescription, runFlags } from '../../cli/run-command.js';
import { mongoFlags, mongoWords } from '../../cli/topologies/mongo.js';

export default class RunMongo extends RunCommand {
  static override summary =
    'run a command with a MongoDB replica set or sharded cluster, made for it and destroyed after it';
  static override description = runDescription;
  static override examples = ['<%= config.bin %> run mongo --nodes 3 -- npm test'];
  static override enableJsonFlag = false;
  static override strict = false;
  static override flags = { ...mongoFlags, ...runFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(RunMongo, this.before);
    await this.runWith('mongo', flags, mongoWords(flags));
  }
}
