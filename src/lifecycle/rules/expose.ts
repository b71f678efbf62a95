import type { Cluster } from '../../cluster/cluster.js';
import { ANY, exposureName, type Exposure } from '../../cluster/rules.js';
import { readCidr } from '../../cluster/subnet.js';
import { ConflictError, NotFoundError, NotReadyError, UsageError } from '../../errors/errors.js';
import { listenersAt, tryPort } from '../../host/ports.js';
import type { Machine } from '../../host/machine.js';
import { loadClusters } from '../../state/clusters.js';
import { loadRules } from '../../state/rules.js';
import { changeRules } from '../ground/change-rules.js';
import { assertNotInLan } from '../ground/lan.js';
import { requirePrograms, requireRoot } from '../context.js';
import { untilKept } from '../keeping/keeper.js';
import { portNumber } from '../port-number.js';
import { leadsNow } from '../keeping/leads-now.js';
import { routesNow } from '../keeping/routes-now.js';
import { renewCertificates } from '../running/renew-certificates.js';
import { recorded } from '../record.js';
import { selectCluster, selectProgram } from '../select.js';

/** What is to be reached from outside, and where. */
export interface ExposeRequest {
  readonly cluster: string;
  /** The name of a node or companion; or whoever takes writes. */
  readonly to: Exposure['to'];
  /** A number, or the name of one of its ports; `client` when it is not said. */
  readonly port?: string | undefined;
  /** The same as there when it is not said; 0 picks one. */
  readonly hostPort?: number | undefined;
  /** IPv4 address of the machine; 127.0.0.1 when it is not said, 0.0.0.0 is all. */
  readonly bind?: string | undefined;
}

/** ms that the keeper may take to hold the port, and that servers have to say who takes writes. */
const TIMEOUT = 5000;
const ANSWER_TIMEOUT = 2000;

/**
 * Lets a port of the machine lead to one of a host. It works while another verb is at work on the cluster.
 * @throws UsageError, NotFoundError; ConflictError when the port is taken, naming by whom; NotReadyError.
 */
export async function expose(machine: Machine, request: ExposeRequest): Promise<Exposure> {
  requireRoot(machine, `expose ${request.cluster}`);
  requirePrograms(machine);
  const cluster = await selectCluster(machine, request.cluster);
  assertNotInLan(cluster, 'who is there reaches them at their addresses', `dbns uri ${cluster.name}`);
  const { to, port } = request;
  const about = ['host' in to ? to.host : to.role, ...(port === undefined ? [] : [port])].join(':');
  return recorded(machine, cluster.name, { verb: 'expose', about }, () => exposeIn(machine, cluster, request));
}

async function exposeIn(machine: Machine, cluster: Cluster, request: ExposeRequest): Promise<Exposure> {
  const exposure = await resolve(machine, cluster, request);
  const name = exposureName(exposure);
  await changeRules(machine, cluster.name, async (rules) => {
    await assertFree(machine, exposure);
    return { ...rules, exposures: [...rules.exposures, exposure] };
  });
  try {
    await Promise.all([
      untilKept(machine, cluster.name, name, TIMEOUT),
      renewCertificates(cluster, { machine, observer: {}, signal: new AbortController().signal }),
    ]);
  } catch (error) {
    await unexposeWhere(machine, cluster.name, (other) => exposureName(other) === name);
    throw error;
  }
  return exposure;
}

async function resolve(machine: Machine, cluster: Cluster, request: ExposeRequest): Promise<Exposure> {
  const { to, bind = '127.0.0.1' } = request;
  if (readCidr(`${bind}/32`) === null) throw new UsageError(`--bind ${bind}: write an IPv4 address of the machine.`);
  const leadsTo = 'host' in to ? selectProgram(cluster, to.host).name : await writerOf(machine, cluster);
  const port = portNumber(cluster, leadsTo, request.port ?? 'client');
  const wanted = request.hostPort ?? port;
  const { state, port: hostPort } = await tryPort(bind, wanted);
  if (state === 'no address') throw new UsageError(`--bind ${bind}: the machine has no such address.`);
  return { bind, hostPort: state === 'free' ? hostPort : wanted, to, port, leadsTo };
}

/** @throws NotReadyError where nobody takes writes. */
async function writerOf(machine: Machine, cluster: Cluster): Promise<string> {
  const { writer } = await leadsNow(machine, cluster, await routesNow(machine, cluster, ANSWER_TIMEOUT));
  if (writer !== null) return writer;
  throw new NotReadyError(`No node of '${cluster.name}' takes writes now.`, {
    suggestions: [`dbns status ${cluster.name}`],
  });
}

/** Two of dbns's own would lead to one of both, and nobody knew to which; of other programs the kernel knows. */
async function assertFree(machine: Machine, { bind, hostPort }: Exposure): Promise<void> {
  for (const { name } of await loadClusters(machine)) {
    const twin = loadRules(machine, name).exposures.find(
      (other) => other.hostPort === hostPort && (other.bind === bind || [bind, other.bind].includes(ANY)),
    );
    if (twin === undefined) continue;
    throw new ConflictError(
      `${exposureName({ bind, hostPort })} leads to ${twin.leadsTo ?? 'the primary'} of '${name}' already.`,
      {
        suggestions: [`dbns unexpose ${name} --host-port ${hostPort}`, '--host-port 0 picks a free one'],
      },
    );
  }
  if ((await tryPort(bind, hostPort)).state === 'free') return;
  const who = await listenersAt(machine, hostPort);
  throw new ConflictError(
    `${exposureName({ bind, hostPort })} is taken${who.length === 0 ? '' : `: ${who.join(', ')} listens there`}.`,
    { suggestions: ['--host-port 0 picks a free one'] },
  );
}

/** Which exposures are meant: all that are as said. */
export interface UnexposeRequest {
  readonly cluster: string;
  readonly to?: Exposure['to'] | undefined;
  readonly port?: string | undefined;
  readonly hostPort?: number | undefined;
}

/**
 * Ends exposures.
 * @throws NotFoundError when there is none that is meant.
 */
export async function unexpose(machine: Machine, request: UnexposeRequest): Promise<readonly Exposure[]> {
  requireRoot(machine, `unexpose ${request.cluster}`);
  const cluster = await selectCluster(machine, request.cluster);
  return recorded(machine, cluster.name, { verb: 'unexpose' }, () => unexposeIn(machine, cluster, request));
}

async function unexposeIn(
  machine: Machine,
  cluster: Cluster,
  { to, port, hostPort }: UnexposeRequest,
): Promise<readonly Exposure[]> {
  const isMeant = (exposure: Exposure) =>
    (to === undefined || JSON.stringify(to) === JSON.stringify(exposure.to)) &&
    (port === undefined || exposure.port === portNumber(cluster, exposure.leadsTo, port)) &&
    (hostPort === undefined || exposure.hostPort === hostPort);
  const ended = await unexposeWhere(machine, cluster.name, isMeant);
  if (ended.length > 0) return ended;
  const { exposures } = loadRules(machine, cluster.name);
  const there = exposures.map((exposure) => `${exposureName(exposure)} to ${exposure.leadsTo ?? 'the primary'}`);
  throw new NotFoundError(
    `Nothing like that of '${cluster.name}' is exposed. There is: ${there.join(', ') || 'nothing'}.`,
  );
}

async function unexposeWhere(
  machine: Machine,
  name: string,
  isMeant: (exposure: Exposure) => boolean,
): Promise<readonly Exposure[]> {
  let ended: readonly Exposure[] = [];
  await changeRules(machine, name, (rules) => {
    ended = rules.exposures.filter(isMeant);
    return { ...rules, exposures: rules.exposures.filter((exposure) => !isMeant(exposure)) };
  });
  return ended;
}
