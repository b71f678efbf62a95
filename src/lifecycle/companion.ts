import type { Cluster, Companion } from '../cluster/cluster.js';
import type { CompanionKind, CompanionSetting, CompanionState, Front } from '../companions/companion.js';
import { companionKind } from '../companions/registry.js';
import { NotReadyError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { findImage } from '../images/store.js';
import { waitUntil } from '../servers/wait.js';
import { findServers, hasEnded, killAll } from '../process/find.js';
import { clusterDirectory, loadCluster, loadPassword } from '../state/clusters.js';
import { topologyNamed } from '../topologies/registry.js';
import { leadsOf, type Leads } from '../topologies/routes.js';
import { applyPlan, type Application } from './apply.js';
import type { Ends } from './ends.js';
import { explainCompanion } from './explain-companion.js';
import { resolveServer } from './resolve.js';
import { routesNow } from './routes-now.js';

/** ms that servers, and companions, have to answer while one is brought up. */
const ANSWER_TIMEOUT = 2000;

/** What a companion of a cluster stands in front of. Those that come or go are not led to. */
export function frontOf(machine: Machine, cluster: Cluster): Front {
  const { routes } = topologyNamed(cluster.topology);
  return {
    cluster: cluster.name,
    protocol: routes.protocol,
    nodes: routes.entries({ ...cluster, nodes: cluster.nodes.filter(({ phase }) => phase === 'added') }),
    server: cluster.nodes[0]?.server ?? '',
    password: loadPassword(machine, cluster.name),
  };
}

/** The same with the companion's own program. */
async function settingFor(
  machine: Machine,
  cluster: Cluster,
  companion: Companion,
): Promise<{ readonly kind: CompanionKind; readonly setting: CompanionSetting }> {
  const kind = companionKind(companion.kind);
  const server = await resolveServer(machine, { kind: kind.server }, await findImage(machine, companion.image));
  return { kind, setting: { machine, companion, front: frontOf(machine, cluster), server } };
}

/** Brings a companion to lead so, by starting it anew where it can't be told. One that does not run is left alone. */
export async function leadCompanion(
  machine: Machine,
  cluster: Cluster,
  companion: Companion,
  leads: Leads,
): Promise<void> {
  const standing = { machine, companion, front: frontOf(machine, cluster) };
  if ((await companionKind(companion.kind).lead(standing, leads)) === 'led') return;
  const lock = await machine.lock(clusterDirectory(machine, cluster.name));
  // Another verb is at work: perhaps it stops the companion. It is asked again soon.
  if (lock === null) return;
  try {
    await startAnew(machine, cluster.name, companion.name, leads);
  } finally {
    await lock.release();
  }
}

/** Under the cluster's lock. */
async function startAnew(machine: Machine, clusterName: string, name: string, leads: Leads): Promise<void> {
  const cluster = await loadCluster(machine, clusterName);
  const companion = cluster.companions.find((one) => one.name === name);
  if (companion?.wanted !== 'running' || companion.phase !== 'added') return;
  const { kind, setting } = await settingFor(machine, cluster, companion);
  const pid = findServers(machine, [companion.namespace]).get(companion.namespace)?.pid ?? null;
  if (pid === null) return;
  machine.processes.signal(pid, 'SIGTERM');
  if (!(await hasEnded(machine, pid, Date.now() + END_PATIENCE))) await killAll(machine, [companion.namespace]);
  const signal = new AbortController().signal;
  await applyPlan(kind.start(setting, leads), { machine, observer: {}, signal, deadline: Infinity });
}

/** ms that one may take to end. */
const END_PATIENCE = 2000;

/** Where a companion says that it leads. */
export function askCompanion(
  machine: Machine,
  cluster: Cluster,
  companion: Companion,
  timeout: number,
): Promise<CompanionState> {
  return companionKind(companion.kind).ask({ machine, companion, front: frontOf(machine, cluster) }, timeout);
}

/**
 * Starts a companion and waits until it leads where servers take writes and serve reads, as those who answer through it say.
 * @throws NotReadyError with the companion's own reason.
 */
export async function bringUpCompanion(
  cluster: Cluster,
  companion: Companion,
  application: Application,
): Promise<void> {
  const { machine } = application;
  const { kind, setting } = await settingFor(machine, cluster, companion);
  const { entries, found } = await routesNow(machine, cluster, ANSWER_TIMEOUT);
  const leads = leadsOf(entries, found, null);
  const ends: Ends = new Map();
  try {
    await applyPlan(kind.start(setting, leads), application, ends);
    await applyPlan(
      { title: `wait for ${companion.name}`, sequence: [readyStep(cluster, setting, kind, leads)] },
      application,
      ends,
    );
  } catch (error) {
    throw error instanceof NotReadyError ? explainCompanion(machine, companion, error) : error;
  }
}

/** That it leads so, and that the right ones answer through it. */
function readyStep(cluster: Cluster, setting: CompanionSetting, kind: CompanionKind, leads: Leads) {
  const { companion } = setting;
  return {
    step: `ask through ${companion.name} who answers`,
    acts: [
      {
        do: 'ask' as const,
        what: `${companion.name} leads clients`,
        ask: (context: Parameters<typeof waitUntil>[0]) =>
          waitUntil(context, async () => amissOf(cluster, setting, await kind.ask(setting, ANSWER_TIMEOUT), leads)),
      },
    ],
  };
}

/** What is not yet as it is to be; null when all is well. */
async function amissOf(
  cluster: Cluster,
  { machine, companion, front }: CompanionSetting,
  said: CompanionState,
  { writer, readers }: Leads,
): Promise<string | null> {
  if (said.writer !== writer) return `it leads writes to ${said.writer ?? 'nobody'}, not yet to ${writer ?? 'nobody'}`;
  const asked = { machine, cluster, password: front.password };
  const { routes } = topologyNamed(cluster.topology);
  const ways = [
    { port: companion.ports.client, right: writer === null ? [] : [writer], what: 'writes' },
    { port: companion.ports.ro, right: readers, what: 'reads' },
  ];
  for (const { port, right, what } of ways) {
    if (port === undefined || right.length === 0) continue;
    const who = await routes.whoAnswers(asked, { host: companion.address, port }, ANSWER_TIMEOUT);
    if (!right.includes(who)) return `${what} are answered by ${who}, not yet by ${right.join(' or ')}`;
  }
  return null;
}
