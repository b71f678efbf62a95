import { CreateCommand, createArgs } from '../../cli/create-command.js';
import { mongoFlags, mongoWords } from '../../cli/topologies/mongo.js';

export default class MongoCreate extends CreateCommand {
  static override summary = 'make a MongoDB replica set or sharded cluster';
  static override description = `Every node is a mongod or mongos in its own network namespace with its own address and the port 27017. Members are known by address, so one URI ('dbns uri') works from everywhere.
Returns when there is a writable primary, and a write on it has reached every member.`;
  static override examples = [
    '<%= config.bin %> mongo create --nodes 3',
    '<%= config.bin %> mongo create --nodes 4 --arbiters 1 --hidden node3 --delay node4=1h --priority node1=5',
    '<%= config.bin %> mongo create --auth --tag node1=dc:east --tag node2=dc:west',
    '<%= config.bin %> mongo create sharded --shards 2 --nodes 3 --config-nodes 3 --routers 1',
    '<%= config.bin %> mongo create --image dir:/opt/mongodb-linux-x86_64-8.0.4',
    '<%= config.bin %> mongo create --dry-run',
  ];
  static override args = createArgs;
  static override flags = mongoFlags;

  async run() {
    const { args, flags } = await this.parse(MongoCreate);
    return this.create('mongo', args.name, flags, mongoWords(flags));
  }
}
