import {
  isCommand,
  programsOf,
  type Cluster,
  type Command,
  type Companion,
  type Host,
  type Node,
} from '../cluster/cluster.js';
import { zoneOf } from '../cluster/zone.js';
import { NotFoundError, UsageError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { zoneNamed } from '../network/zones.js';
import { createdNames, loadCluster } from '../state/clusters.js';
import { withLastRoles } from '../state/roles.js';
import { selectAmong, selectName } from './select.js';

/** Which nodes a verb is about, as it was said. */
export interface Choice {
  /** The name of a cluster, where it must be said, and those of nodes. */
  readonly words: readonly string[];
  readonly role?: string | undefined;
  /** A shard, the config servers, the routers. */
  readonly group?: string | undefined;
  /** A part of the network. */
  readonly zone?: string | undefined;
  /** All nodes of the cluster that is named; all clusters when none is. */
  readonly all: boolean;
}

/** The nodes of one cluster that are meant, with the roles that they had last, and its companions. */
export interface Chosen extends Programs {
  readonly cluster: Cluster;
  /** No word was said on nodes. */
  readonly isWhole: boolean;
}

/** Programs of a cluster, by what they are to it. */
export interface Programs {
  readonly nodes: readonly Node[];
  readonly companions: readonly Companion[];
  /** What is attached and was started by dbns; only where it is named. */
  readonly attached: readonly Command[];
}

/** Names of the programs; none where the cluster as a whole is meant. */
export function namesOf({ isWhole, ...programs }: Chosen): readonly string[] {
  return isWhole ? [] : [...programsOf(programs), ...programs.attached].map(({ name }) => name);
}

/**
 * The clusters that are meant, and of each the nodes. With one cluster its name may be left away.
 * @param when `always`: without a word on nodes all are meant. `named`: then nobody knows which.
 * @throws UsageError, NotFoundError.
 */
export async function choose(machine: Machine, choice: Choice, when: 'always' | 'named'): Promise<readonly Chosen[]> {
  const { words, all, role, group, zone } = choice;
  const isSaid = [role, group, zone].some((word) => word !== undefined);
  if (all && words.length === 0) {
    const names = await createdNames(machine);
    return Promise.all(names.map((name) => choiceIn(machine, name, { role, group, zone, names: [] })));
  }
  const { name, nodes } = await readWords(machine, words);
  if (nodes.length > 0 && (all || isSaid))
    throw new UsageError('Name nodes, or choose them by --role, --group, --zone or --all.');
  if (when === 'named' && nodes.length === 0 && !all && !isSaid)
    throw new UsageError(`Which nodes of '${name}'? Name them, or choose by --role, --group, --zone or --all.`);
  return [await choiceIn(machine, name, { role, group, zone, names: nodes })];
}

/** The first word names the cluster, unless there is only one and the words are nodes of it. */
async function readWords(machine: Machine, words: readonly string[]) {
  const [first, ...others] = words;
  const names = await createdNames(machine);
  const [only] = names;
  if (first === undefined) return { name: await selectName(machine, undefined), nodes: [] };
  if (!names.includes(first) && names.length === 1 && only !== undefined && (await hasProgram(machine, only, first)))
    return { name: only, nodes: words };
  return { name: await selectName(machine, first), nodes: others };
}

/** Of a node that is not there it is said later that the cluster has none. */
async function hasProgram(machine: Machine, cluster: string, word: string): Promise<boolean> {
  return /^node\d+$/.test(word) || startedIn(await loadCluster(machine, cluster)).some(({ name }) => name === word);
}

/** All that dbns has started. */
function startedIn(cluster: Cluster) {
  return [...programsOf(cluster), ...cluster.attached.filter(isCommand)];
}

interface InCluster {
  readonly names: readonly string[];
  readonly role?: string | undefined;
  readonly group?: string | undefined;
  readonly zone?: string | undefined;
}

async function choiceIn(machine: Machine, name: string, wanted: InCluster): Promise<Chosen> {
  const cluster = withLastRoles(machine, await loadCluster(machine, name));
  const { names, role, group, zone } = wanted;
  const isWhole = names.length === 0 && [role, group, zone].every((word) => word === undefined);
  return { cluster, ...programsIn(cluster, wanted), isWhole };
}

/** What proxies and the like are to a cluster, as nodes have roles. */
export const COMPANION_ROLE = 'proxy';

/** In the order of the cluster, each once. */
export function programsIn(cluster: Cluster, { names, role, group, zone }: InCluster): Programs {
  const there = zone === undefined ? null : zoneNamed(cluster.network, zone);
  const isThere = (host: Host) => there === null || zoneOf(cluster.network, host) === there;
  const named = new Set(names.map((name) => selectAmong(cluster, startedIn(cluster), name).name));
  const isMeant = ({ name }: { readonly name: string }) => named.size === 0 || named.has(name);
  const nodes = cluster.nodes.filter(
    (node) =>
      isMeant(node) &&
      isThere(node) &&
      (role === undefined || node.role === role) &&
      (group === undefined || node.group === group),
  );
  const companions = cluster.companions.filter(
    (companion) =>
      isMeant(companion) &&
      isThere(companion) &&
      (role === undefined || role === COMPANION_ROLE) &&
      group === undefined,
  );
  const attached = cluster.attached.filter(isCommand).filter(({ name }) => named.has(name));
  if (nodes.length + companions.length + attached.length > 0) return { nodes, companions, attached };
  const have = (what: string, values: readonly (string | null)[]) =>
    `${what}: ${[...new Set(values.filter((value) => value !== null))].join(', ') || 'none'}`;
  throw new NotFoundError(
    `No node of '${cluster.name}' is ${[role, group].filter((word) => word !== undefined).join(' of ') || 'there'}${zone === undefined ? '' : ` in zone ${zone}`}. It has ${have(
      'roles',
      cluster.nodes.map((node) => node.role),
    )}; ${have(
      'groups',
      cluster.nodes.map((node) => node.group),
    )}.`,
  );
}

/**
 * The same where companions are not meant.
 * @throws NotFoundError for one that is named.
 */
export function nodesIn(cluster: Cluster, wanted: InCluster): readonly Node[] {
  return programsIn({ ...cluster, companions: [], attached: [] }, wanted).nodes;
}
