import type { ClusterSpec } from '../../cluster/cluster.js';
import type { Plan } from '../../cluster/plan.js';
import type { ServerBuild } from '../../cluster/server.js';
import type { Machine } from '../../host/machine.js';
import type { Image } from '../../images/image.js';
import { render } from '../../templates/render.js';
import { configContext, pristineSubject } from './config.js';
import { familyOf } from './dialects.js';
import { mysqldLog } from './log.js';
import { pristineOptions } from './options.js';
import { mysqldPristinePlan } from './pristine.js';

/**
 * A data directory with accounts and nothing else: no GTID was ever given out in it, so that clones of it have no history
 * to differ in. All topologies that need no more share it.
 */
export function plainPristine(
  machine: Machine,
  spec: Pick<ClusterSpec, 'options'>,
  {
    build,
    image,
    rootMounts,
  }: { readonly build: ServerBuild; readonly image: Image; readonly rootMounts: readonly string[] },
) {
  const lasting = pristineOptions(spec.options ?? []);
  const configIn = (directory: string) =>
    render(
      `mysqld/pristine-${familyOf(build)}.cnf`,
      configContext(pristineSubject(directory, build, lasting), build, image),
    );
  return {
    log: mysqldLog,
    imageBuild: image.build,
    key: JSON.stringify(['mysqld with time zones', image.build, configIn('')]),
    plan: (directory: string): Plan =>
      mysqldPristinePlan(machine, {
        server: build,
        image,
        rootMounts,
        directory,
        config: configIn(directory),
        startWords: ['--skip-log-bin'],
        settled: () => Promise.resolve(null),
      }),
  };
}
