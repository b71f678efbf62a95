import { cameUp, type Cluster } from '../cluster/cluster.js';
import type { Machine } from '../host/machine.js';
import { findServers } from '../process/find.js';
import { clusterDirectory, isBroken, readCluster, standbyNames } from '../state/clusters.js';
import { isBeingMade } from './keeping/refiller.js';
import { loadMark } from '../state/standby.js';
import { loadFailure, loadWish, wishDirectory, wishIds, type Wish } from '../state/wishes.js';

/** Clusters that stand by for the same words, as scripts see them. */
export interface StandbyView {
  /** By which they are stopped: `s1`. */
  readonly id: string;
  /** The words of a `create` that takes one. */
  readonly words: string;
  readonly topology: string;
  /** How many are to be ready. */
  readonly wanted: number;
  /** `ready`: as many as are wanted. `forming`: they are being made. `failed`: the last one did not come up. `missing`: nobody makes them. */
  readonly state: 'ready' | 'forming' | 'failed' | 'missing';
  /** Why they are not ready; null when they are, or will be. */
  readonly reason: string | null;
  readonly clusters: readonly StandbyCluster[];
  /** Resident, of all their servers, bytes; null when only root could know. */
  readonly memoryBytes: number | null;
}

/** A cluster that stands by. */
export interface StandbyCluster {
  /** The name that it has, and keeps. */
  readonly name: string;
  /** `gone`: its servers do not run, as after a reboot, or it was left half made. */
  readonly state: 'ready' | 'forming' | 'gone';
  /** CIDR; null where its file can't be read. */
  readonly subnet: string | null;
  readonly nodes: number;
  readonly memoryBytes: number | null;
}

/** All standbys, by their ids, as files and processes show them. Asks no server and needs no root. */
export async function listStandbys(machine: Machine): Promise<readonly StandbyView[]> {
  const names = await standbyNames(machine);
  return Promise.all(
    (await wishIds(machine)).map(async (id) => {
      const own = names.filter((name) => loadMark(machine, name)?.wish === id);
      const clusters = await Promise.all(own.map((name) => viewOne(machine, name)));
      return describe(
        machine,
        id,
        clusters.filter((view) => view !== null),
      );
    }),
  );
}

function describe(machine: Machine, id: string, clusters: readonly StandbyCluster[]): StandbyView {
  const wish = loadWish(machine, id);
  const memory = clusters.map(({ memoryBytes }) => memoryBytes);
  return {
    ...{ id, words: wish?.words ?? 'unknown', topology: wish?.spec.topology ?? 'unknown', wanted: wish?.ready ?? 0 },
    ...stateOf(machine, id, wish, clusters),
    clusters,
    memoryBytes: memory.includes(null) ? null : memory.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0),
  };
}

function stateOf(
  machine: Machine,
  id: string,
  wish: Wish | null,
  clusters: readonly StandbyCluster[],
): Pick<StandbyView, 'state' | 'reason'> {
  if (wish === null) return { state: 'failed', reason: `${wishDirectory(machine, id)}/wish.json can't be read.` };
  const ready = clusters.filter(({ state }) => state === 'ready').length;
  if (ready >= wish.ready) return { state: 'ready', reason: null };
  if (isBeingMade(machine, id)) return { state: 'forming', reason: null };
  const failure = loadFailure(machine, id);
  if (failure !== null) return { state: 'failed', reason: failure.message };
  const gone = clusters.some(({ state }) => state === 'gone') ? 'What stood by does not run, as after a reboot. ' : '';
  return { state: 'missing', reason: `${gone}The next create of these words makes it anew.` };
}

async function viewOne(machine: Machine, name: string): Promise<StandbyCluster | null> {
  const saved = await readCluster(machine, name);
  if (saved === null) return null;
  if (isBroken(saved)) return { name, state: 'gone', subnet: null, nodes: 0, memoryBytes: 0 };
  const isForming = !cameUp(saved) && machine.processes.lockHolder(clusterDirectory(machine, name)) !== null;
  const { runs, memoryBytes } = processesOf(machine, saved);
  return {
    name,
    state: isForming ? 'forming' : cameUp(saved) && runs ? 'ready' : 'gone',
    subnet: saved.network.subnet,
    nodes: saved.nodes.length,
    memoryBytes,
  };
}

/** Only root sees which namespace a process is in; others go by the namespaces that are there. */
function processesOf(machine: Machine, { nodes }: Cluster) {
  const namespaces = nodes.map(({ namespace }) => namespace);
  if (!machine.isRoot) {
    return {
      runs: namespaces.every((name) => machine.files.exists(`${machine.roots.netns}/${name}`)),
      memoryBytes: null,
    };
  }
  const servers = [...findServers(machine, namespaces).values()];
  return {
    runs: servers.every(({ state }) => state === 'running'),
    memoryBytes: servers.reduce((sum, { memory }) => sum + (memory ?? 0), 0),
  };
}
