import { programsOf } from '../cluster/cluster.js';
import { zoneNames } from '../cluster/zone.js';
import { packageFile } from '../host/package-files.js';
import type { Machine } from '../host/machine.js';
import { CATALOGUE } from '../images/catalogue.js';
import { listImages } from '../images/store.js';
import { createdNames, loadCluster } from '../state/clusters.js';
import { wishIds } from '../state/wishes.js';

/** The shells that `completionScript` has a script for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The script that makes a shell ask `dbns complete`. */
export function completionScript(shell: Shell): string {
  return packageFile(`completion/dbns.${shell}`);
}

/** The names that a machine has for what users may type. */
export interface Names {
  readonly clusters: ReadonlyMap<string, ClusterNames>;
  /** Of images that are here. */
  readonly images: readonly string[];
  /** Of all images that can be pulled. */
  readonly catalogue: readonly string[];
  /** Ids of what stands by. */
  readonly standbys: readonly string[];
}

/** The names that a cluster has. */
export interface ClusterNames {
  /** Proxies too. */
  readonly nodes: readonly string[];
  /** The number of the next node to come. */
  readonly nextIndex: number;
  /** Of its nodes' ports. */
  readonly ports: readonly string[];
  readonly attached: readonly string[];
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly zones: readonly string[];
}

/** Looks without root, and at files alone. What can't be read has no names: nobody is told of it at a press of Tab. */
export async function namesOn(machine: Machine): Promise<Names> {
  const clusters = await createdNames(machine).catch(() => []);
  const named = await Promise.all(clusters.map((name) => namesIn(machine, name)));
  const images = await listImages(machine).catch(() => []);
  return {
    clusters: new Map(clusters.map((name, index) => [name, named[index] ?? NONE])),
    images: images.map(({ ref }) => ref),
    catalogue: CATALOGUE.map(({ ref }) => ref),
    standbys: await wishIds(machine).catch(() => []),
  };
}

const NONE: ClusterNames = { nodes: [], nextIndex: 1, ports: [], attached: [], roles: [], groups: [], zones: [] };

async function namesIn(machine: Machine, name: string): Promise<ClusterNames> {
  const cluster = await loadCluster(machine, name).catch(() => null);
  if (cluster === null) return NONE;
  const programs = programsOf(cluster);
  const ports = [...new Set(programs.flatMap((program) => Object.keys(program.ports)))];
  return {
    ...{ nodes: programs.map((program) => program.name), nextIndex: cluster.nextIndex, ports },
    attached: cluster.attached.map((host) => host.name),
    roles: [...new Set(cluster.nodes.map(({ role }) => role))],
    groups: [...new Set(cluster.nodes.flatMap(({ group }) => group ?? []))],
    zones: zoneNames(cluster.network),
  };
}
