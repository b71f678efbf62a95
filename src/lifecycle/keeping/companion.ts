import type { Cluster, Companion } from '../../cluster/cluster.js';
import type {
  AdminAccount,
  CompanionKind,
  CompanionSetting,
  CompanionState,
  ServerAccount,
} from '../../companions/companion.js';
import { companionKind } from '../../companions/registry.js';
import { NotReadyError, UsageError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { findImage } from '../../images/store.js';
import { waitUntil } from '../../servers/wait.js';
import { endProcess } from '../../process/end.js';
import { findServers } from '../../process/find.js';
import { clusterDirectory, loadCluster } from '../../state/clusters.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Leads } from '../../topologies/routes.js';
import { applyPlan, type Application } from '../apply.js';
import type { Ends } from '../ends.js';
import { recordOfKeeper } from '../record.js';
import { explainCompanion } from './explain-companion.js';
import { resolveServer } from '../resolve.js';
import { frontOf } from './front.js';
import { leadsNow } from './leads-now.js';
import { routesNow, type Found } from './routes-now.js';

/** ms that servers, and companions, have to answer while one is brought up. */
const ANSWER_TIMEOUT = 2000;

/** Its front, with the companion's own program. */
async function settingFor(
  machine: Machine,
  cluster: Cluster,
  companion: Companion,
): Promise<{ readonly kind: CompanionKind; readonly setting: CompanionSetting }> {
  const kind = companionKind(companion.kind);
  const server = await resolveServer(machine, { kind: kind.server }, await findImage(machine, companion.image));
  return { kind, setting: { machine, companion, front: frontOf(machine, cluster), server } };
}

/**
 * Brings a companion to lead so, by starting it anew where it can't be told, and records it. One that does not run is left
 * alone.
 */
export async function leadCompanion(
  machine: Machine,
  cluster: Cluster,
  companion: Companion,
  leads: Leads,
): Promise<void> {
  const standing = { machine, companion, front: frontOf(machine, cluster) };
  const led = await companionKind(companion.kind).lead(standing, leads);
  if (led === 'same' || (led === 'restart' && !(await ledAnew(machine, cluster, companion, leads)))) return;
  const readers = leads.readers.join(', ') || 'nobody';
  const about = `writes to ${leads.writer ?? 'nobody'}, reads to ${readers}`;
  await recordOfKeeper(machine, cluster.name, { verb: 'lead', nodes: [companion.name], about });
}

async function ledAnew(machine: Machine, cluster: Cluster, companion: Companion, leads: Leads): Promise<boolean> {
  const lock = await machine.lock(clusterDirectory(machine, cluster.name));
  // Another verb is at work: perhaps it stops the companion. It is asked again soon.
  if (lock === null) return false;
  try {
    return await startAnew(machine, cluster.name, companion.name, leads);
  } finally {
    await lock.release();
  }
}

/** Under the cluster's lock. False when it is not to run any more, or does not. */
async function startAnew(machine: Machine, clusterName: string, name: string, leads: Leads): Promise<boolean> {
  const cluster = await loadCluster(machine, clusterName);
  const companion = cluster.companions.find((one) => one.name === name);
  if (companion?.wanted !== 'running' || companion.phase !== 'added') return false;
  const { kind, setting } = await settingFor(machine, cluster, companion);
  const pid = findServers(machine, [companion.namespace]).get(companion.namespace)?.pid ?? null;
  if (pid === null) return false;
  await endProcess(machine, pid, Date.now() + END_PATIENCE);
  const signal = new AbortController().signal;
  await applyPlan(kind.start(setting, leads), { machine, observer: {}, signal, deadline: Infinity });
  return true;
}

/**
 * How to come in at a companion's admin interface.
 * @throws UsageError, a sentence, where it has none.
 */
export function adminOf(machine: Machine, cluster: Cluster, companion: Companion): AdminAccount {
  const { admin } = companionKind(companion.kind);
  if (typeof admin === 'string') throw new UsageError(admin);
  return admin({ machine, companion, front: frontOf(machine, cluster) });
}

/**
 * Makes an account of the servers known to a companion.
 * @throws UsageError, a sentence, where that needs nothing; ConflictError, NotReadyError.
 */
export async function addUserTo(
  machine: Machine,
  cluster: Cluster,
  companion: Companion,
  account: ServerAccount,
): Promise<void> {
  const { addUser } = companionKind(companion.kind);
  if (typeof addUser === 'string') throw new UsageError(addUser);
  await addUser({ machine, companion, front: frontOf(machine, cluster) }, account);
}

/** ms that one may take to end. */
const END_PATIENCE = 2000;

/**
 * Starts a companion and waits until it leads where servers take writes and serve reads, as those who answer through it say.
 * @throws NotReadyError with the companion's own reason.
 */
export async function bringUpCompanion(
  cluster: Cluster,
  companion: Companion,
  application: Application,
): Promise<void> {
  await untilItLeads(cluster, companion, application, ({ kind, setting }, leads, ends) =>
    applyPlan(kind.start(setting, leads), application, ends),
  );
}

/**
 * The same of one that runs, and that the keeper would lead there in a moment: to the same one, so that nobody is led away
 * again. Under the cluster's lock.
 * @throws NotReadyError with the companion's own reason.
 */
export async function leadNow(cluster: Cluster, companion: Companion, application: Application): Promise<void> {
  const { machine } = application;
  await untilItLeads(cluster, companion, application, async ({ kind, setting: { front } }, leads) => {
    // What it does not take now, for it was just woken, the keeper tells it again.
    const led = await kind.lead({ machine, companion, front }, leads).catch(() => 'same' as const);
    if (led === 'restart') await startAnew(machine, cluster.name, companion.name, leads);
  });
}

/** Lets `act` lead a companion, and waits until it does. */
async function untilItLeads(
  cluster: Cluster,
  companion: Companion,
  application: Application,
  act: (its: Awaited<ReturnType<typeof settingFor>>, leads: Leads, ends: Ends) => Promise<void>,
): Promise<void> {
  const { machine } = application;
  const its = await settingFor(machine, cluster, companion);
  const now = await routesNow(machine, cluster, ANSWER_TIMEOUT);
  const { entries, found } = now;
  const leads = await leadsNow(machine, cluster, now);
  const writers = entries.filter(({ name }) => isWriter(found.get(name))).map(({ name }) => name);
  const ready = readyStep(cluster, its.setting, its.kind, { writers, readers: leads.readers });
  const ends: Ends = new Map();
  try {
    await act(its, leads, ends);
    await applyPlan({ title: `wait for ${companion.name}`, sequence: [ready] }, application, ends);
  } catch (error) {
    throw error instanceof NotReadyError ? explainCompanion(machine, companion, error) : error;
  }
}

function isWriter(found: Found | undefined): boolean {
  return typeof found === 'object' && found.writes;
}

/** Who would be right. Of many that take writes a companion that finds out by itself may choose another than we would. */
interface Right {
  readonly writers: readonly string[];
  readonly readers: readonly string[];
}

/** That it leads so, and that the right ones answer through it. */
function readyStep(cluster: Cluster, setting: CompanionSetting, kind: CompanionKind, right: Right) {
  const { companion } = setting;
  return {
    step: `ask through ${companion.name} who answers`,
    acts: [
      {
        do: 'ask' as const,
        what: `${companion.name} leads clients`,
        ask: (context: Parameters<typeof waitUntil>[0]) =>
          waitUntil(context, async () => amissOf(cluster, setting, await kind.ask(setting, ANSWER_TIMEOUT), right)),
      },
    ],
  };
}

/** What is not yet as it is to be; null when all is well. */
async function amissOf(
  cluster: Cluster,
  { machine, companion, front }: CompanionSetting,
  { writer, readers, reason }: CompanionState,
  right: Right,
): Promise<string | null> {
  const because = reason === null ? '' : ` (${reason})`;
  const isLed = right.writers.length === 0 || (writer !== null && right.writers.includes(writer));
  if (!isLed) return `it leads writes to ${writer ?? 'nobody'}, not yet to ${right.writers.join(' or ')}${because}`;
  if (readers.length === 0 && right.readers.length > 0) return `it leads reads to nobody${because}`;
  const { routes } = topologyNamed(cluster.topology);
  const { client = 0, ro } = companion.ports;
  // At one port for both the writer may be among those that are read from.
  const reading = ro === undefined && writer !== null ? [...right.readers, writer] : right.readers;
  const ways = [
    { port: client, right: right.writers.length === 0 || writer === null ? [] : [writer], what: 'writes' },
    { port: ro ?? client, right: reading, what: 'reads' },
  ] as const;
  for (const { port, right: those, what } of ways) {
    if (those.length === 0) continue;
    const way = { host: companion.address, port, what };
    const who = await routes.whoAnswers({ machine, cluster, password: front.password }, way, ANSWER_TIMEOUT);
    if (!those.includes(who)) return `${what} are answered by ${who}, not yet by ${those.join(' or ')}`;
  }
  return null;
}
