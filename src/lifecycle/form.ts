import type { Node } from '../cluster/cluster.js';
import type { Plan } from '../cluster/plan.js';
import { NotReadyError } from '../errors/errors.js';
import { killAll } from '../process/find.js';
import { ServerEndedError, ServerRefusedError } from '../servers/wait.js';
import type { Formation, Setting, Topology } from '../topologies/topology.js';
import { applyPlan, type Application } from './apply.js';
import { dataPlan } from './data-directories.js';
import type { Ends } from './ends.js';
import type { Equipment } from './resolve.js';

/**
 * Tries the ways in which servers become a cluster one after another, and answers with the ends of those that stand. One
 * that ends is no reason to try another way. Before that, those of `nodes` are killed and `again` is carried out.
 */
export async function form(
  nodes: readonly Node[],
  [way, ...others]: readonly Formation[],
  again: Plan,
  application: Application,
): Promise<Ends> {
  const ends: Ends = new Map();
  if (way === undefined) return ends;
  const { machine, observer } = application;
  const patient = application.deadline;
  const deadline = way.patience === null ? patient : Math.min(patient, Date.now() + way.patience);
  try {
    await applyPlan(way.plan, { ...application, deadline }, ends);
    return ends;
  } catch (error) {
    const [next] = others;
    const inVain =
      !(error instanceof NotReadyError) || error instanceof ServerEndedError || error instanceof ServerRefusedError;
    if (inVain || next === undefined || Date.now() >= patient) throw error;
    observer.warned?.(`The cluster did not form ${way.title} (${error.message}); now ${next.title}.`);
    await killAll(
      machine,
      nodes.map(({ namespace }) => namespace),
    );
    await applyPlan(again, application);
    return await form(nodes, others, again, application);
  }
}

/** What a cluster is formed from. */
export interface Seed {
  readonly topology: Topology;
  readonly setting: Setting;
  readonly recipes: Equipment['recipes'];
  readonly formations: readonly Formation[];
}

/** Forms a cluster out of clones that are there, and gives it what one has that stands. */
export async function formAnew(seed: Seed, application: Application): Promise<void> {
  const { topology, setting, recipes, formations } = seed;
  const { nodes } = setting.cluster;
  const ends = await form(nodes, formations, dataPlan(topology, setting, recipes, nodes), application);
  await applyPlan(topology.finish(setting), application, ends);
}
