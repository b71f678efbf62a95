import type { ClusterSpec } from '../../cluster/cluster.js';
import type { Machine } from '../../host/machine.js';
import { ask, rootAt, variables } from '../../servers/mysqld/client.js';
import { mysqldPristinePlan } from '../../servers/mysqld/pristine.js';
import type { NodeServer, PristineRecipe } from '../topology.js';
import { pristineSubject } from '../../servers/mysqld/config.js';
import { pristineOptions } from '../../servers/mysqld/options.js';
import { renderConfig, type Membership } from './config.js';
import { ownOptions } from './provider-options.js';
import { gcacheOf } from '../../servers/mysqld/memory.js';
import { mysqldLog } from '../../servers/mysqld/log.js';

/** Positions and views of the one start would be another cluster's. */
const STRIP = ['galera.cache', 'gvwstate.dat'] as const;

/** Of no cluster: it is the same for all, however they take data over. */
const ALONE: Omit<Membership, 'providerOptions'> = { members: [], sst: null, sstFile: null };

/**
 * A data directory that was a Galera cluster of one: only so do `grastate.dat` and InnoDB hold the same position, and
 * clones of it form a cluster without a state transfer.
 */
export function pristine(
  machine: Machine,
  spec: Pick<ClusterSpec, 'options'>,
  { build, image, rootMounts }: NodeServer,
): PristineRecipe {
  const options = pristineOptions(spec.options ?? []);
  const membership = { ...ALONE, providerOptions: ownOptions(gcacheOf(null), options) };
  const configIn = (directory: string) =>
    renderConfig(pristineSubject(directory, build, options), membership, build, image);
  return {
    log: mysqldLog,
    imageBuild: image.build,
    key: JSON.stringify(['pxc with time zones', image.build, configIn('')]),
    plan: (directory) =>
      mysqldPristinePlan(machine, {
        server: build,
        image,
        rootMounts,
        directory,
        config: configIn(directory),
        startWords: ['--wsrep-new-cluster'],
        strip: STRIP,
        settled: isSynced,
      }),
  };
}

async function isSynced(socket: string): Promise<string | null> {
  const rows = await ask(rootAt(socket), 1000, (session) =>
    session.query("SHOW GLOBAL STATUS LIKE 'wsrep_local_state_comment'"),
  );
  const state = variables(rows).wsrep_local_state_comment;
  return state === 'Synced' ? null : `the server says ${state ?? 'nothing'}`;
}
