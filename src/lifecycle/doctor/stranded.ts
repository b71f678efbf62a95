import type { Cluster } from '../../cluster/cluster.js';
import { DbnsError, messageOf } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import {
  clusterDirectory,
  clusterNames,
  isBroken,
  loadCluster,
  loadPassword,
  readCluster,
  readJournal,
  type SavedCluster,
} from '../../state/clusters.js';
import { loadMark, type StandbyMark } from '../../state/standby.js';
import { loadWish } from '../../state/wishes.js';
import { underMachineLock } from '../context.js';
import { lockCluster } from '../lock.js';
import { removeCluster } from '../removal/remove.js';
import { removeStandby } from '../removal/standby.js';
import { FIX, type Remnant } from './remnant.js';

/** Clusters that are saved and that nobody can use, or not in all ways, nor is at work on. */
export async function findStranded(machine: Machine): Promise<readonly Remnant[]> {
  const names = await clusterNames(machine);
  return (await Promise.all(names.map((name) => findIn(machine, name)))).flat();
}

async function findIn(machine: Machine, name: string): Promise<readonly Remnant[]> {
  const seen = describe(machine, await readCluster(machine, name));
  if (seen.length === 0 || !(await isIdle(machine, clusterDirectory(machine, name)))) return [];
  // Idle by now: a create that ended in between has left a cluster that is well.
  return describe(machine, await readCluster(machine, name));
}

function describe(machine: Machine, saved: SavedCluster | null): readonly Remnant[] {
  if (saved === null) return [];
  const mark = loadMark(machine, saved.name);
  if (mark !== null) return describeStandby(machine, saved, mark);
  if (isBroken(saved)) return [{ found: `the cluster '${saved.name}' is broken: ${saved.why}`, advice: saved.advice }];
  return [...describeWhole(machine, saved), ...lostFiles(machine, saved)];
}

/** One that nobody can take is of no use to anybody: it has no data. */
function describeStandby(machine: Machine, saved: SavedCluster, { wish }: StandbyMark): readonly Remnant[] {
  const remnant = (why: string): readonly Remnant[] => [
    {
      found: `the standby '${saved.name}' ${why}`,
      advice: FIX,
      remove: () => removeStandby(machine, saved.name),
    },
  ];
  if (loadWish(machine, wish) === null) return remnant('is wanted by nobody any more');
  if (isBroken(saved)) return remnant(`is broken: ${saved.why}`);
  if (saved.phase !== 'created') return remnant('was left half made');
  return isGone(machine, saved) ? remnant('is not running: its namespaces are gone, as after a reboot') : [];
}

function isGone({ files, roots }: Machine, { nodes }: Cluster): boolean {
  return nodes.every(({ namespace }) => !files.exists(`${roots.netns}/${namespace}`));
}

function describeWhole(machine: Machine, cluster: Cluster): readonly Remnant[] {
  const { id, name, phase } = cluster;
  const advice = [`dbns destroy ${name}`];
  switch (phase) {
    case 'creating':
      return [
        {
          found: `the cluster '${name}', whose create was cut short`,
          advice: FIX,
          remove: () => removeDead(machine, name, id),
        },
      ];
    case 'failed':
      return [{ found: `the cluster '${name}', kept by --keep-on-failure`, advice: [`dbns logs ${name}`, ...advice] }];
    case 'resetting':
      return [{ found: `the cluster '${name}', whose reset was cut short`, advice: [`dbns reset ${name}`, ...advice] }];
    case 'created': {
      const found = `the cluster '${name}' is not running: its namespaces are gone, as after a reboot`;
      return isGone(machine, cluster) ? [{ found, advice }] : [];
    }
  }
}

/** A cluster that runs, and lacks what will be wanted later. */
function lostFiles(machine: Machine, { name }: Cluster): readonly Remnant[] {
  const journal = readJournal(machine, name);
  const lost =
    journal.kind === 'whole'
      ? []
      : [
          {
            found: `the cluster '${name}' has lost its journal: 'destroy' goes by marks`,
            advice: [`dbns destroy ${name}`],
          },
        ];
  return machine.isRoot ? [...lost, ...lostPassword(machine, name)] : lost;
}

function lostPassword(machine: Machine, name: string): readonly Remnant[] {
  try {
    loadPassword(machine, name);
    return [];
  } catch (error) {
    return [{ found: messageOf(error), advice: error instanceof DbnsError ? error.suggestions : [] }];
  }
}

/** A `create` takes its cluster's lock under the machine's: under that, a lock that is free is nobody's. */
export async function isIdle(machine: Machine, directory: string): Promise<boolean> {
  return underMachineLock(machine, async () => {
    if (!machine.files.exists(`${directory}/.`)) return true;
    const lock = await machine.lock(directory);
    await lock?.release();
    return lock !== null;
  });
}

/** As `destroy` does, once it is sure that it is still the same one. */
async function removeDead(machine: Machine, name: string, id: string): Promise<void> {
  const lock = await lockCluster(machine, name);
  try {
    const cluster = await loadCluster(machine, name);
    if (cluster.id === id && cluster.phase === 'creating') await removeCluster(machine, cluster);
  } finally {
    await lock.release();
  }
}
