import type { ClusterSpec } from '../../cluster/cluster.js';
import type { Machine } from '../../host/machine.js';
import { layOutStep } from '../../servers/pristine.js';
import { renderPristine } from '../../servers/mongod/config.js';
import { mongodLog } from '../../servers/mongod/log.js';
import { optionWords } from '../../servers/mongod/options.js';
import { mongodPristinePlan } from '../../servers/mongod/pristine.js';
import type { NodeServer, PristineRecipe } from '../topology.js';
import { setName } from './replica-set.js';
import { CONFIG_SERVERS, ROUTERS, readSettings } from './settings.js';

/** One directory for each set, whose name is in its data; a router has no data, and needs its place alone. */
export function pristine(
  machine: Machine,
  { options = [], settings }: Pick<ClusterSpec, 'options' | 'settings'>,
  { build, image, rootMounts }: NodeServer,
  group: string | null,
): PristineRecipe {
  const common = { imageBuild: image.build, log: mongodLog };
  if (group === ROUTERS) {
    return {
      ...common,
      key: JSON.stringify(['mongos', image.build]),
      plan: (directory) => layOutStep(machine, directory, {}),
    };
  }
  const { oplogSize } = readSettings(settings);
  const configIn = (directory: string) => renderPristine(directory, oplogSize);
  const words = optionWords(options, null);
  const isConfigServer = group === CONFIG_SERVERS;
  return {
    ...common,
    key: JSON.stringify(['mongod', image.build, configIn(''), words, setName(group), isConfigServer]),
    plan: (directory) =>
      mongodPristinePlan(machine, {
        ...{ server: build, rootMounts, directory, config: configIn(directory), words },
        ...{ replicaSet: setName(group), isConfigServer },
      }),
  };
}
