import type { Node } from '../../cluster/cluster.js';
import type { Step } from '../../cluster/plan.js';
import { optionWords } from '../../servers/mongod/options.js';
import { serverArgv, spawnStep } from '../../servers/start.js';
import { serverOf, type Setting } from '../topology.js';
import { ROUTERS } from './settings.js';

/** Starts the mongod of a member, or the mongos of a router. */
export function startStep(setting: Setting, node: Node): Step {
  const server = serverOf(setting, node);
  const { server: mongod = '', router: mongos = '' } = server.build.programs;
  const command =
    node.group === ROUTERS
      ? [mongos, '--config', `${node.directory}/mongos.conf`]
      : [
          ...[mongod, '--config', `${node.directory}/mongod.conf`],
          ...optionWords(node.options, setting.cluster.memory),
        ];
  return spawnStep(node, serverArgv(setting.machine, node, server, command));
}
