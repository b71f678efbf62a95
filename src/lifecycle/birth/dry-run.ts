import type { ClusterSpec } from '../../cluster/cluster.js';
import type { Plan } from '../../cluster/plan.js';
import { ConflictError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { sourceTitle } from '../../images/catalogue.js';
import type { Image } from '../../images/image.js';
import { ImageNotPulledError, catalogueEntry, findImage, imageDirectory } from '../../images/store.js';
import { observeNetwork } from '../../network/observe.js';
import { wayThrough } from '../../network/foreign-firewall.js';
import { readClusters } from '../../state/clusters.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { NodeServer, Setting, Topology } from '../../topologies/topology.js';
import { fillPlan, fillingOf } from '../data/fill.js';
import { assertPlannable } from './by-dhcp.js';
import { createPlan } from './create-plan.js';
import { nothingBut } from '../ground/ground.js';
import { unjoined } from '../ground/lan.js';
import { lanOf, resolveCluster } from './reserve.js';
import { standbyNotes } from './standby/take.js';
import { inTheWay } from './standby/way.js';
import { describeSteps, type DryRun } from '../dry-run.js';
import { checkWords, equip, pristineDirectory, resolveServer } from '../resolve.js';
import { describeCluster, describeNode } from '../status.js';

/** Plans a cluster as `makeCluster` would, from the machine as it is; touches nothing and needs no root. */
export async function planCreate(machine: Machine, spec: ClusterSpec): Promise<DryRun> {
  const topology = topologyNamed(spec.topology);
  const wanted = { topology, ...checkWords(spec, topology) };
  assertPlannable(spec);
  const filling = fillingOf(machine, spec);
  await assertNoneInTheWay(machine, spec);
  const notes = new Set<string>();
  const { servers, recipes } = await equip(machine, wanted, (ref) => findServer(machine, topology, ref, notes));
  for (const note of await standbyNotes(machine, { ...wanted, servers, recipes })) notes.add(note);
  const [observation, saved] = await Promise.all([observeNetwork(machine, { ipv6: spec.ipv6 }), readClusters(machine)]);
  const cluster = resolveCluster({ machine, ...wanted, servers, observation, saved, lan: await lanOf(machine, spec) });
  const setting: Setting = { machine, cluster, password: '', servers };
  const chains = cluster.network.uplinks.length === 0 ? [] : wayThrough(observation).passable;
  const present = nothingBut(chains, await unjoined(machine, cluster));
  const plan: Plan = {
    sequence: [
      ...[...new Set(recipes.values())].flatMap(({ key, plan: planOf }) => {
        const pristine = pristineDirectory(machine, key);
        return machine.files.exists(pristine) ? [] : [planOf(pristine)];
      }),
      createPlan(topology, setting, recipes, present),
      ...topology
        .formations(setting)
        .slice(0, 1)
        .map((way) => way.plan),
      topology.finish(setting),
      fillPlan(setting, filling, { machine, observer: {}, signal: new AbortController().signal }).plan,
    ],
  };
  const nodes = cluster.nodes.map((node) => describeNode(node, { pid: null, memory: null }, 'missing'));
  return {
    cluster: describeCluster(cluster, nodes, 'creating'),
    notes: [...notes, ...(machine.isRoot ? [] : ['Without root, chains of other firewalls could not be looked at.'])],
    steps: describeSteps(plan),
  };
}

/** A create would take it away first; what is planned with is the machine as it is. */
async function assertNoneInTheWay(machine: Machine, spec: ClusterSpec): Promise<void> {
  const [name] = await inTheWay(machine, spec);
  if (name === undefined) return;
  throw new ConflictError(`The standby '${name}' would give way first: there is no plan as long as it stands.`, {
    suggestions: ['dbns standby list'],
  });
}

/** An image that was not pulled is planned with as the catalogue says that it will be. */
async function findServer(machine: Machine, topology: Topology, ref: string, notes: Set<string>): Promise<NodeServer> {
  try {
    return await resolveServer(machine, topology, await findImage(machine, ref));
  } catch (error) {
    if (!(error instanceof ImageNotPulledError)) throw error;
    notes.add(
      `The image ${ref} is not here yet ('dbns image pull ${ref}'): the plan goes by what the catalogue says of it.`,
    );
    return expectedServer(machine, ref);
  }
}

function expectedServer(machine: Machine, ref: string): NodeServer {
  const { server, from } = catalogueEntry(ref);
  const root = `${imageDirectory(machine, ref)}/root`;
  const image: Image = {
    ...{ ref, kind: 'pulled', root, build: 'not pulled yet', extraBinds: [], binaryDirectories: [] },
    ...{ from: sourceTitle(from), digest: null, createdAt: null, sizeBytes: null },
  };
  return { build: server, image, rootMounts: [`<the tree of ${ref}>`] };
}
