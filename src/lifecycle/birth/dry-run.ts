import type { ClusterSpec } from '../../cluster/cluster.js';
import { stepsOf, type Act, type Plan } from '../../cluster/plan.js';
import type { Machine } from '../../host/machine.js';
import { sourceTitle } from '../../images/catalogue.js';
import type { Image } from '../../images/image.js';
import { ImageNotPulledError, catalogueEntry, findImage, imageDirectory } from '../../images/store.js';
import { observeNetwork } from '../../network/observe.js';
import { wayThrough } from '../../network/foreign-firewall.js';
import { readClusters } from '../../state/clusters.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { NodeServer, Setting, Topology } from '../../topologies/topology.js';
import { createPlan } from './create-plan.js';
import { resolveCluster } from './reserve.js';
import { checkWords, equip, pristineDirectory, resolveServer } from '../resolve.js';
import { describeCluster, describeNode } from '../status.js';
import type { ClusterView } from '../view.js';

/** What a `create` would do. */
export interface DryRun {
  readonly cluster: ClusterView;
  readonly notes: readonly string[];
  readonly steps: readonly DryStep[];
}

export interface DryStep {
  readonly step: string;
  readonly acts: readonly DryAct[];
}

/** One act: in words, and as the data that would be carried out. */
export interface DryAct {
  readonly act: string;
  readonly argv?: readonly string[];
  readonly input?: string;
  readonly path?: string;
  readonly content?: string;
}

/** Plans a cluster as `createCluster` would, from the machine as it is; touches nothing and needs no root. */
export async function planCreate(machine: Machine, spec: ClusterSpec): Promise<DryRun> {
  const topology = topologyNamed(spec.topology);
  const wanted = { topology, spec, ...checkWords(spec, topology) };
  const notes = new Set<string>();
  const { servers, recipes } = await equip(machine, wanted, (ref) => findServer(machine, topology, ref, notes));
  const [observation, saved] = await Promise.all([observeNetwork(machine), readClusters(machine)]);
  const cluster = resolveCluster({ machine, ...wanted, servers, observation, saved });
  const setting: Setting = { machine, cluster, password: '', servers };
  const plan: Plan = {
    sequence: [
      ...[...new Set(recipes.values())].flatMap(({ key, plan: planOf }) => {
        const pristine = pristineDirectory(machine, key);
        return machine.files.exists(pristine) ? [] : [planOf(pristine)];
      }),
      createPlan(topology, setting, recipes, wayThrough(observation).passable),
      ...topology
        .formations(setting)
        .slice(0, 1)
        .map((way) => way.plan),
      topology.finish(setting),
    ],
  };
  const nodes = cluster.nodes.map((node) => describeNode(node, { pid: null, memory: null }, 'missing'));
  return {
    cluster: describeCluster(cluster, nodes, 'creating'),
    notes: [...notes, ...(machine.isRoot ? [] : ['Without root, chains of other firewalls could not be looked at.'])],
    steps: stepsOf(plan).map(({ step, acts }) => ({ step, acts: acts.map(describeAct) })),
  };
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

function describeAct(act: Act): DryAct {
  switch (act.do) {
    case 'run':
      return {
        act: [act.argv.join(' '), ...indented(act.input)].join('\n'),
        argv: act.argv,
        ...(act.input !== undefined && { input: act.input }),
      };
    case 'spawn':
      return { act: `${act.argv.join(' ')} >> ${act.log} &`, argv: act.argv, path: act.log };
    case 'mkdir':
      return { act: `mkdir ${act.path} (${act.owner}, ${act.mode.toString(8)})`, path: act.path };
    case 'write':
      return {
        act: [`write ${act.path} (${act.owner}, ${act.mode.toString(8)})`, ...indented(act.content)].join('\n'),
        path: act.path,
        content: act.content,
      };
    case 'remove':
      return { act: `remove ${act.path}`, path: act.path };
    case 'set':
      return { act: `set ${act.path} to ${act.value}`, path: act.path, content: act.value };
    case 'ask':
      return { act: `ask ${act.what}` };
  }
}

function indented(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `    ${line}`);
}
