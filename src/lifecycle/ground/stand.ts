import { hostsOf, isCommand, programsOf, type Cluster } from '../../cluster/cluster.js';
import { tableName } from '../../cluster/names.js';
import { resourcesOf, type Plan } from '../../cluster/plan.js';
import { markOf, TABLE_FAMILIES } from '../../cluster/resource.js';
import { isOutside, wantForwarding, type Rules } from '../../cluster/rules.js';
import { familiesOf, familyNames, shareAddresses } from '../../cluster/family.js';
import { overlap, readCidr } from '../../cluster/subnet.js';
import { ConflictError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { enumerate } from '../../network/allocate.js';
import { assertIpv6 } from '../../network/ipv6.js';
import { portsIn, type PortsPresent } from '../../network/lan/open-vswitch.js';
import { standingHosts, type LinksPresent } from '../../network/links.js';
import { observeNetwork, type NetworkObservation } from '../../network/observe.js';
import { isMarkedTable } from '../../network/remove.js';
import { wantedUplinks } from '../../network/routes.js';
import { segmentOf } from '../../network/segment.js';
import { killAll } from '../../process/find.js';
import { addToJournal, makeHome, saveCluster } from '../../state/clusters.js';
import { loadProcesses } from '../../state/processes.js';
import { loadRules } from '../../state/rules.js';
import { applyPlan } from '../apply.js';
import { unrenewed } from '../by-dhcp.js';
import { underMachineLock, type Context } from '../context.js';
import { groundPlan, type GroundPresent } from './ground.js';
import { writeBorrowedNames } from './borrowed-names.js';
import { restoreJoined, unjoined } from './lan.js';
import { neighboursOf, tellNeighbours } from './names.js';
import { clearPassage, unpassedIn } from './passage.js';
import { slowLinks } from './queues.js';
import { underRulesLock } from './rules-lock.js';
import { useShared } from './shared.js';
import { cutLinks, takingsIn } from './takings.js';

/**
 * Makes what is missing of the ground that a cluster's servers stand on: after a reboot all of it, else what somebody
 * took away. Addresses and MACs stay; by which interfaces it leads out is looked at anew. Under the cluster's lock.
 * Answers with the cluster as it is saved then.
 * @throws ConflictError when somebody else has its subnet, or a table of its name, by now.
 */
export async function standGround(cluster: Cluster, context: Context): Promise<Cluster> {
  const { machine } = context;
  const now = await underRulesLock(machine, cluster.name, () => stand(cluster, context));
  await tellNeighbours(machine, cluster.name);
  return now;
}

async function stand(cluster: Cluster, context: Context): Promise<Cluster> {
  const { machine } = context;
  const { now, plan, present, rules, neighbours } = await underMachineLock(machine, () => writeDown(machine, cluster));
  // Servers in a namespace that lost its name can't be reached any more, and keep their data directory busy.
  const lost = programsOf(now).filter(({ namespace }) => !present.links.namespaces.has(namespace));
  const recorded = loadProcesses(machine, cluster.name);
  await killAll(
    machine,
    [],
    lost.flatMap(({ name }) => recorded[name] ?? []),
  );
  await applyPlan(plan, { ...context, deadline: Infinity });
  await slowLinks(machine, now, rules);
  await writeBorrowedNames(machine, now, neighbours);
  return now;
}

/** On disk first: what will be made, and who uses what clusters share. */
async function writeDown(machine: Machine, cluster: Cluster): Promise<PlannedGround> {
  await restoreJoined(machine, cluster);
  const planned = await planGround(machine, cluster);
  const { now, plan, present } = planned;
  await makeHome(machine);
  const ours = [...programsOf(now), ...now.attached.filter(isCommand)];
  const processes = ours.map(({ namespace }) => ({ kind: 'processes', namespace }) as const);
  await addToJournal(machine, now.name, [...resourcesOf(plan), ...processes]);
  await useShared(machine, now.id, uplinksFor(planned), familyNames(now.network));
  if (now.network.uplinks.join() !== cluster.network.uplinks.join()) await saveCluster(machine, now);
  await clearPassage(machine, now, present.unpassed);
  return planned;
}

/** What is missing of a cluster's ground. */
export interface PlannedGround {
  /** The cluster with the uplinks that there are now. */
  readonly now: Cluster;
  readonly present: GroundPresent;
  readonly rules: Rules;
  /** The clusters that it is linked with. */
  readonly neighbours: readonly Cluster[];
  /** Of the machine, by whatever it leads out. */
  readonly uplinks: readonly string[];
  readonly plan: Plan;
}

/** What is exposed to others than the machine comes in by them, though nodes may have no way out. */
function uplinksFor({ now, rules, uplinks }: PlannedGround): readonly string[] {
  return rules.exposures.some(isOutside) ? uplinks : now.network.uplinks;
}

/**
 * Looks, and touches nothing.
 * @throws ConflictError as `standGround` does.
 */
export async function planGround(machine: Machine, cluster: Cluster): Promise<PlannedGround> {
  const ipv6 = cluster.network.ipv6 !== null;
  const [observation] = await Promise.all([observeNetwork(machine, { ipv6 }), assertTableOurs(machine, cluster)]);
  const uplinks = wantedUplinks(cluster.network, observation.uplinks);
  const now: Cluster = { ...cluster, network: { ...cluster.network, uplinks } };
  assertIpv6(machine, now.network);
  const rules = loadRules(machine, cluster.name);
  const present = await lookAtGround(machine, now, rules, observation);
  if (cluster.network.lan === null && !standsIn(present.links)) assertSubnetFree(now, observation);
  const neighbours = await neighboursOf(machine, rules);
  const devices = standingHosts(now, present.links).map(({ link }) => link);
  const takings = { ...(await takingsIn(machine, now, rules)), devices };
  const cut = cutLinks(machine, now, rules);
  const plan = groundPlan(machine, now, present, { rules, takings, cut, neighbours });
  return { now, present, rules, neighbours, uplinks: observation.uplinks, plan };
}

async function lookAtGround(
  machine: Machine,
  cluster: Cluster,
  rules: Rules,
  observation: NetworkObservation,
): Promise<GroundPresent> {
  const passes = cluster.network.uplinks.length > 0 || wantForwarding(rules);
  const unpassed = passes ? await unpassedIn(machine, cluster, observation) : [];
  const ports = await portsIn(machine, cluster.network);
  return {
    links: linksIn(cluster, observation, ports),
    unpassed,
    unjoined: await unjoined(machine, cluster),
    unrenewed: unrenewed(machine, cluster),
  };
}

/** What of a cluster's links was observed. */
function linksIn(
  cluster: Cluster,
  { links, namespaces }: NetworkObservation,
  ports: PortsPresent | null,
): LinksPresent {
  const { network } = cluster;
  const found = new Map(links.map((link) => [link.name, { ...link, ...ports?.(link.name) }]));
  return {
    bridges: new Set(network.zones.flatMap(({ bridge }) => (bridge !== null && found.has(bridge) ? [bridge] : []))),
    namespaces: new Set(namespaces),
    plugged: new Map(
      hostsOf(cluster).flatMap((host) => {
        const end = found.get(host.link);
        return end === undefined ? [] : [[host.link, segmentOf(network, host).isJoined(end)] as const];
      }),
    ),
  };
}

/** Whether something of a network has its addresses: nobody else can have taken them meanwhile. */
function standsIn({ bridges, plugged }: LinksPresent): boolean {
  return bridges.size > 0 || [...plugged.values()].includes(true);
}

function assertSubnetFree({ name, network }: Cluster, { taken, takenIpv6 }: NetworkObservation): void {
  const subnet = readCidr(network.subnet);
  const inTheWay = [
    ...(subnet === null ? [] : taken.filter((other) => overlap(subnet, other))),
    ...takenIpv6.filter(({ cidr }) => network.ipv6 !== null && shareAddresses(cidr, network.ipv6)),
  ];
  if (inTheWay.length === 0) return;
  const networks = familiesOf(network).map((family) => family.subnet);
  throw new ConflictError(`The network ${networks.join(', ')} of '${name}' is taken by now: ${enumerate(inTheWay)}.`, {
    suggestions: ['Take that away, and type the same command again.', `Or give the cluster up: dbns destroy ${name}`],
  });
}

async function assertTableOurs(machine: Machine, { id, name }: Cluster): Promise<void> {
  for (const family of TABLE_FAMILIES) {
    const table = { family, name: tableName(name) };
    if ((await isMarkedTable(machine, table, markOf(id))) !== false) continue;
    throw new ConflictError(`The nft table ${family} ${table.name} is not ours: its comment is another.`, {
      suggestions: [`nft delete table ${family} ${table.name}`],
    });
  }
}
